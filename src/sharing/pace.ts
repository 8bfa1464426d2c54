const restMs = 1000;

/** Hands words on: two on one thing at once, then one a second, the last of those that wait. */
export type Pace<Word> = Readonly<{
  offer(key: string, word: Word): void;
  /** What waits on a thing holds no more. */
  drop(key: string): void;
  close(): void;
}>;

type Turn<Word> = { timer: NodeJS.Timeout; isResting: boolean; waiting: { word: Word } | undefined };

/** In a total outage each request forgets all errors and makes one again: others need not hear of every one. */
export function createPace<Word>(say: (key: string, word: Word) => void): Pace<Word> {
  const turns = new Map<string, Turn<Word>>();

  function follow(key: string, turn: Turn<Word>): void {
    const { waiting } = turn;
    if (!waiting) {
      turns.delete(key);
      return;
    }
    turn.waiting = undefined;
    turn.timer.refresh();
    say(key, waiting.word);
  }

  function begin(key: string): void {
    const turn: Turn<Word> = {
      timer: setTimeout(() => {
        follow(key, turn);
      }, restMs).unref(),
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
        turn.timer.refresh();
      } else begin(key);
      say(key, word);
    },
    drop(key) {
      const turn = turns.get(key);
      if (turn) turn.waiting = undefined;
    },
    close() {
      for (const { timer } of turns.values()) clearTimeout(timer);
      turns.clear();
    },
  };
}
