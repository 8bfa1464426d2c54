import { clock } from '../clock.ts';
import type { TotalsOfProcess } from '../sharing/hub.ts';
import { readTexts } from './lane.ts';
import { readTotalsReply } from './totals.ts';

/** The totals of other processes, asked for one process after the other; several who ask at once get the same answer. */
export type TotalsReader = Readonly<{
  /** Resolves with what was read within the time. */
  ask(processes: readonly string[], withinMs: number): Promise<readonly TotalsOfProcess[]>;
  /** Whose totals are to be read next. */
  next(): string | undefined;
  take(process: string, values: readonly unknown[]): void;
  /** Nothing can be read any more. */
  giveUp(): void;
}>;

type Asked = { left: string[]; found: TotalsOfProcess[]; finish: () => void };

export function createTotalsReader(): TotalsReader {
  let asked: Asked | undefined;
  let answer: Promise<readonly TotalsOfProcess[]> | undefined;

  function start(processes: readonly string[], withinMs: number): Promise<readonly TotalsOfProcess[]> {
    return new Promise((resolve) => {
      const found: TotalsOfProcess[] = [];
      const finish = (): void => {
        clock.clear(timer);
        asked = undefined;
        answer = undefined;
        resolve(found);
      };
      const timer = clock.setLimit(finish, withinMs);
      timer.unref();
      asked = { left: [...processes], found, finish };
    });
  }

  return {
    ask(processes, withinMs) {
      if (processes.length === 0) return Promise.resolve([]);
      answer ??= start(processes, withinMs);
      return answer;
    },
    next: () => asked?.left[0],
    take(process, [fields]) {
      if (asked?.left[0] !== process) return;
      asked.left.shift();
      const totals = readTotalsReply(readTexts(fields));
      if (totals.size > 0) asked.found.push({ process, totals });
      if (asked.left.length === 0) asked.finish();
    },
    giveUp() {
      asked?.finish();
    },
  };
}
