import { findStatusFault } from '../definition/check-status.ts';
import type { MemberChangeOptions } from '../definition/member-change.ts';
import { DefinitionError, stateProblem, type Fault } from '../definition/problem.ts';
import { parseStatus, Status } from '../member/status.ts';

/** The flags that hold until somebody changes them, by their names in a change. */
export const lastingFlags = {
  disabled: Status.disabled,
  stopped: Status.stopped,
  drain: Status.drain,
  ignoreErrors: Status.ignoreErrors,
  hotStandby: Status.hotStandby,
  hotSpare: Status.hotSpare,
} as const satisfies Partial<Record<keyof MemberChangeOptions, number>>;

const flags = { ...lastingFlags, inError: Status.inError } as const;

const everyFlag = Object.values(Status).reduce((all, flag) => all | flag, 0);

/** Whether a flag of this name holds until somebody changes it. */
export function isLastingFlag(name: string): name is keyof typeof lastingFlags {
  return Object.hasOwn(lastingFlags, name);
}

/**
 * A change with its `status` letters and words as flags one by one: each of them is a layer of its own.
 *
 * @throws {DefinitionError} when the status is wrong.
 */
export function spellOutFlags(set: MemberChangeOptions): MemberChangeOptions {
  const { status, ...others } = set;
  if (status === undefined) return others;
  const fault = judgeStatus(status);
  if (fault) throw new DefinitionError([stateProblem('change.status', status, fault)], 'The change');
  // What is the same whether or not it was there before is what the text speaks of.
  const [fromNone, fromAll] = [parseStatus(status, 0), parseStatus(status, everyFlag)];
  const spoken = Object.entries(flags).filter(([, flag]) => (fromNone & flag) === (fromAll & flag));
  return { ...Object.fromEntries(spoken.map(([name, flag]) => [name, (fromNone & flag) !== 0])), ...others };
}

function judgeStatus(status: unknown): Fault | undefined {
  if (typeof status !== 'string') {
    const advice = "write 'D', '+H-E' or 'drain'";
    return { problem: 'it must be a text of status letters or words', advice };
  }
  const fault = findStatusFault(status);
  if (fault) return fault;
  const failed = Status.healthCheckFailed;
  return (parseStatus(status, 0) & failed) === (parseStatus(status, failed) & failed)
    ? { problem: 'health checks say whether it has failed them', advice: 'write disabled or stopped' }
    : undefined;
}
