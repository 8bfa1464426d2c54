import { randomBytes } from 'node:crypto';

/** `mb3k2v9x0-0000-1f2a3b4c`: time, number within it, chance. */
const shape = /^([\da-z]{9})-([\da-z]{4})-[\da-f]{8}$/;
const mostOfOneTime = 36 ** 4;

/** Makes ids: each is greater, as text, than those before, though the clock goes back, and no other process has made it. */
export type Ids = Readonly<{
  next(now: number): string;
  /** Those that follow are greater than this one, of an earlier process. */
  follow(id: string, now: number): void;
}>;

/** `chance`: eight hex digits. */
export function createIds(chance: () => string = () => randomBytes(4).toString('hex')): Ids {
  let time = 0;
  let count = -1;

  function advance(now: number): void {
    count += 1;
    if (now > time || count >= mostOfOneTime) {
      time = Math.max(now, time + 1);
      count = 0;
    }
  }

  return {
    next(now) {
      advance(now);
      return `${print(time, 9)}-${print(count, 4)}-${chance()}`;
    },
    follow(id, now) {
      const [, madeAt, number] = shape.exec(id) ?? [];
      if (madeAt === undefined || number === undefined) return;
      const ofId = parseInt(madeAt, 36);
      // A clock may have been an hour wrong; what is far ahead would drag all that follow along.
      if (ofId < time || ofId > now + 86_400_000) return;
      count = ofId === time ? Math.max(count, parseInt(number, 36)) : parseInt(number, 36);
      time = ofId;
    },
  };
}

function print(number: number, length: number): string {
  return Math.trunc(number).toString(36).padStart(length, '0');
}
