import { clock, type Timer } from '../clock.ts';
const restMs = 1000;
/** A timer that is so late comes from a pause of this process. */
const lateMs = 500;

/** Hands words on: two on one thing at once, then one a second, the last of those that wait. */
export type Pace<Word> = Readonly<{
  offer(key: string, word: Word): void;
  /** What waits on a thing holds no more. */
  drop(key: string): void;
  close(): void;
}>;

type Turn<Word> = {
  timer: Timer;
  begunAt: number;
  isResting: boolean;
  waiting: { word: Word } | undefined;
};

/** In a total outage each request forgets all errors and makes one again: others need not hear of every one. */
export function createPace<Word>(say: (key: string, word: Word) => void): Pace<Word> {
  const turns = new Map<string, Turn<Word>>();

  function follow(key: string, turn: Turn<Word>): void {
    const { waiting } = turn;
    if (!waiting) {
      turns.delete(key);
      return;
    }
    const isLate = clock.now() - turn.begunAt > restMs + lateMs;
    rest(turn);
    // What others have said meanwhile is heard first: it is old news that would hold as the latest.
    if (isLate) return;
    turn.waiting = undefined;
    say(key, waiting.word);
  }

  function rest(turn: Turn<Word>): void {
    turn.begunAt = clock.now();
    turn.timer.refresh();
  }

  function begin(key: string): void {
    const turn: Turn<Word> = {
      timer: clock
        .setTimer(() => {
          follow(key, turn);
        }, restMs)
        .unref(),
      begunAt: clock.now(),
      isResting: false,
      waiting: undefined,
    };
    turns.set(key, turn);
  }

  return {
    offer(key, word) {
      const turn = turns.get(key);
      if (turn?.isResting) {
        turn.waiting = { word };
        return;
      }
      if (turn) {
        turn.isResting = true;
        rest(turn);
      } else begin(key);
      say(key, word);
    },
    drop(key) {
      const turn = turns.get(key);
      if (turn) turn.waiting = undefined;
    },
    close() {
      for (const { timer } of turns.values()) clock.clear(timer);
      turns.clear();
    },
  };
}
