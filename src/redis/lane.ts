import { clock, type Timer } from '../clock.ts';
import { tellError } from './client.ts';

const graceMs = 50;

/** What became of a command. */
export type Answer = Readonly<
  | { kind: 'answer'; values: readonly unknown[] }
  /** Others keep their state in another format. */
  | { kind: 'format'; text: string }
  | { kind: 'failed'; why: string }
  | { kind: 'silent' }
>;

/** Commands one after the other, so that a Redis that hangs makes nothing pile up. */
export type Lane = Readonly<{
  /** Whether the last command has come back; one that was given up is waited for too. */
  isFree(): boolean;
  /** Resolves when it has. */
  settled(): Promise<void>;
  send(run: () => Promise<unknown>): Promise<Answer>;
}>;

/** `patienceMs`: after that time without an answer a command is given up. `onFree`: it has come back after all. */
export function createLane(patienceMs: number, onFree: () => void): Lane {
  let isFree = true;
  let settled = Promise.resolve();

  return {
    isFree: () => isFree,
    settled: () => settled,
    async send(run) {
      isFree = false;
      let isLate = false;
      const coming = run().then(readAnswer, tellFailure);
      settled = coming.then(() => {
        isFree = true;
        if (isLate) onFree();
      });
      let timer: Timer | undefined;
      const silence = new Promise<Answer>((resolve) => {
        timer = clock
          .setLimit(() => {
            // Where this process itself has stood still, the answer is there already and is read now.
            timer = clock
              .setLimit(() => {
                isLate = true;
                resolve({ kind: 'silent' });
              }, graceMs)
              .unref();
          }, patienceMs - graceMs)
          .unref();
      });
      const answer = await Promise.race([coming, silence]);
      clock.clear(timer);
      return answer;
    },
  };
}

function readAnswer(reply: unknown): Answer {
  if (!Array.isArray(reply)) return { kind: 'failed', why: 'it gives no sensible answer' };
  const [word, ...values] = reply as readonly unknown[];
  if (word === 'ok') return { kind: 'answer', values };
  if (word === 'format') return { kind: 'format', text: String(values[0]) };
  return { kind: 'failed', why: 'it gives no sensible answer' };
}

function tellFailure(error: unknown): Answer {
  return { kind: 'failed', why: tellError(error) };
}

/** A list of texts within an answer. */
export function readTexts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
}
