import type { Fault } from '../../../definition/problem.ts';

/** A fault, and where in the text it is: offset from 0, in characters. */
export type PlacedFault = Fault & Readonly<{ at?: number; length?: number }>;

/** Ends a parser from within; never leaves this room. */
export class Refusal extends Error {
  readonly fault: PlacedFault;

  constructor(fault: PlacedFault) {
    super(fault.problem);
    this.fault = fault;
  }
}

/** Ends the parsing with a fault at an offset. */
export function refuse(problem: string, advice: string, at: number, length = 1): never {
  throw new Refusal({ problem, advice, at, length });
}

/** What `work` gives, or the fault that it ended with. */
export function catchRefusal<T>(work: () => T): T | PlacedFault {
  try {
    return work();
  } catch (error) {
    if (error instanceof Refusal) return error.fault;
    throw error;
  }
}
