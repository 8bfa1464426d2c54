import { AsyncLocalStorage } from 'node:async_hooks';

/*
 * All that balancers know of time and chance comes from here, so that a test can stop the one and seed the other. Fake
 * timers of test libraries replace the process's: they stop the test runner, the HTTP client and the app as well, whose
 * timers and sockets have to go on while a balancer's minute goes by.
 */

/**
 * How a timer is meant: `limit` is for what comes by itself, an answer, a connection. A stopped clock lets that come first,
 * however little of its time has gone by on the machine's.
 */
type Kind = 'once' | 'repeating' | 'limit';

/** What runs when its time has come; refreshed, it is counted anew. */
export class Timer {
  readonly #run: () => void;
  readonly #ms: number;
  readonly #kind: Kind;
  #handle: NodeJS.Timeout | undefined;
  /** The handle runs for what was left when the clock went on, not for the whole time. */
  #isRest = false;
  #isRef = true;
  #isCleared = false;
  #context: (<R>(run: () => R) => R) | undefined;
  /** When it runs out, where the clock is stopped; those of one moment in the order in which they were set. */
  dueAt = 0;
  turn = 0;
  before: Timer | undefined;
  after: Timer | undefined;
  isWaiting = false;

  constructor(run: () => void, ms: number, kind: Kind) {
    this.#run = run;
    this.#ms = ms;
    this.#kind = kind;
    this.arm();
  }

  get isLimit(): boolean {
    return this.#kind === 'limit';
  }

  /** Does not keep the process alive. */
  unref(): this {
    this.#isRef = false;
    this.#handle?.unref();
    return this;
  }

  refresh(): this {
    if (this.#isCleared) return this;
    if (this.#handle === undefined || this.#isRest || stoppedAt !== undefined) {
      this.#drop();
      this.arm();
      return this;
    }
    if (!this.isWaiting) link(this);
    this.#handle.refresh();
    return this;
  }

  clear(): void {
    this.#isCleared = true;
    this.#drop();
  }

  /** Sets it for its whole time, or for what is left of it. */
  arm(ms = this.#ms): void {
    link(this);
    if (stoppedAt !== undefined) {
      // Node's own limits.
      this.dueAt = stoppedAt + (ms >= 1 && ms <= 2 ** 31 - 1 ? ms : 1);
      this.turn = turns += 1;
      // As Node's do, it runs among what was around when it was set.
      this.#context = AsyncLocalStorage.snapshot();
      return;
    }
    // Looked up with each call: who replaces the process's timers replaces these.
    this.#handle = globalThis.setTimeout(expire, ms, this);
    this.#isRest = ms !== this.#ms;
    if (!this.#isRef) this.#handle.unref();
  }

  /** Leaves the process's timers for the stopped clock, or the other way round. */
  move(leftMs = this.#ms): void {
    this.#drop();
    this.arm(leftMs);
  }

  fire(): void {
    unlink(this);
    if (this.#kind === 'repeating') this.#again();
    if (this.#context) this.#context(this.#run);
    else this.#run();
  }

  #again(): void {
    if (this.#handle === undefined || this.#isRest || stoppedAt !== undefined) this.arm();
    else {
      link(this);
      this.#handle.refresh();
    }
  }

  #drop(): void {
    unlink(this);
    if (this.#handle !== undefined) globalThis.clearTimeout(this.#handle);
    this.#handle = undefined;
    this.#context = undefined;
  }
}

/** Every timer that is set is in one list, since a clock that stops takes them all along. */
let last: Timer | undefined;
let turns = 0;

/** Undefined: it goes. */
let stoppedAt: number | undefined;

/** What the date is more than a stopped clock. */
let epochMs = 0;

/** How far it is ahead of the machine's since it stood, or behind: it goes on from where it was, and never back. */
let aheadMs = 0;
let dateAheadMs = 0;

function link(timer: Timer): void {
  if (timer.isWaiting) return;
  timer.isWaiting = true;
  timer.before = last;
  if (last) last.after = timer;
  last = timer;
}

function unlink(timer: Timer): void {
  if (!timer.isWaiting) return;
  timer.isWaiting = false;
  const { before, after } = timer;
  if (before) before.after = after;
  if (after) after.before = before;
  else last = before;
  timer.before = undefined;
  timer.after = undefined;
}

function expire(timer: Timer): void {
  timer.fire();
}

function listTimers(): readonly Timer[] {
  const all: Timer[] = [];
  for (let each = last; each !== undefined; each = each.before) all.push(each);
  return all.toReversed();
}

/** The time that balancers go by. Timers are Node's, as long as nobody stops it. */
export const clock = {
  /** Milliseconds that only ever grow. */
  now: (): number => stoppedAt ?? globalThis.performance.now() + aheadMs,
  /** Milliseconds since 1970. */
  date: (): number => (stoppedAt === undefined ? globalThis.Date.now() + dateAheadMs : stoppedAt + epochMs),
  setTimer: (run: () => void, ms: number): Timer => new Timer(run, ms, 'once'),
  /** The same for the longest that something may take which comes by itself. */
  setLimit: (run: () => void, ms: number): Timer => new Timer(run, ms, 'limit'),
  setRepeating: (run: () => void, everyMs: number): Timer => new Timer(run, everyMs, 'repeating'),
  clear: (timer: Timer | undefined): void => timer?.clear(),
} as const;

/** Each number from 0 up to 1 that balancers draw. */
export const chance = { draw: (): number => drawFrom() };

const drawByChance = (): number => globalThis.Math.random();

let drawFrom = drawByChance;

/** What the test kit has in hand, and nobody else. */
export const clockwork = {
  /** Timers that run already are counted from now. */
  stop(): void {
    if (stoppedAt !== undefined) return;
    // Whole, so that what is added to it makes no fractions that come short of a due time.
    const at = Math.ceil(clock.now());
    epochMs = clock.date() - at;
    stoppedAt = at;
    for (const timer of listTimers()) timer.move();
  },
  /** The first timer to run out until then. */
  next(until: number): Timer | undefined {
    let first: Timer | undefined;
    for (let each = last; each !== undefined; each = each.before) {
      if (each.dueAt > until) continue;
      if (!first || each.dueAt < first.dueAt || (each.dueAt === first.dueAt && each.turn < first.turn))
        first = each;
    }
    return first;
  },
  /** Puts the stopped clock forward. */
  setTo(at: number): void {
    if (stoppedAt !== undefined) stoppedAt = Math.max(stoppedAt, at);
  },
  /** Time goes on from where it is. */
  resume(): void {
    if (stoppedAt === undefined) return;
    const at = stoppedAt;
    const date = clock.date();
    const left = listTimers().toSorted((one, other) => one.dueAt - other.dueAt || one.turn - other.turn);
    stoppedAt = undefined;
    aheadMs = at - globalThis.performance.now();
    dateAheadMs = date - globalThis.Date.now();
    for (const timer of left) timer.move(Math.max(1, timer.dueAt - at));
  },
  /** Has every number drawn from there. */
  drawFrom(draw: () => number): void {
    drawFrom = draw;
  },
  /** No more, unless somebody else has said otherwise since. */
  stopDrawingFrom(draw: () => number): void {
    if (drawFrom === draw) drawFrom = drawByChance;
  },
} as const;
