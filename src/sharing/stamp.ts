/**
 * When something was said, and by whom, so that of any two words one is later: `0mb3k2v9x-0000-1f2a3b4c` is the time in
 * milliseconds since 1970 (base 36), a number within it, and the process. As text, the later one is the greater one.
 */
export type Stamp = string;

const shape = /^([\da-z]{9})-([\da-z]{4})-[\da-f]{8}$/;
const mostOfOneTime = 36 ** 4;
/** A clock may have been an hour wrong; what is far ahead would hold against all that follow. */
const mostAheadMs = 86_400_000;

/** A hybrid logical clock: later than all that it has heard of, though clocks differ and go back. */
export type Stamps = Readonly<{
  next(now: number): Stamp;
  /** What follows is later than this one, of another process. */
  follow(stamp: Stamp, now: number): void;
}>;

/** `process`: eight hex digits, another one in each process. */
export function createStamps(process: string): Stamps {
  let time = 0;
  let count = -1;

  return {
    next(now) {
      count += 1;
      if (now > time || count >= mostOfOneTime) {
        time = Math.max(Math.trunc(now), time + 1);
        count = 0;
      }
      return `${print(time, 9)}-${print(count, 4)}-${process}`;
    },
    follow(stamp, now) {
      if (!isStamp(stamp, now)) return;
      const saidAt = timeOf(stamp);
      if (saidAt < time) return;
      const number = parseInt(stamp.slice(10, 14), 36);
      count = saidAt === time ? Math.max(count, number) : number;
      time = saidAt;
    },
  };
}

/** Whether a text is a stamp that may be believed: at most a day ahead. */
export function isStamp(text: string, now: number): boolean {
  return shape.test(text) && timeOf(text) <= now + mostAheadMs;
}

/** When it was said, in milliseconds since 1970. */
export function timeOf(stamp: Stamp): number {
  return parseInt(stamp.slice(0, 9), 36);
}

function print(number: number, length: number): string {
  return number.toString(36).padStart(length, '0');
}
