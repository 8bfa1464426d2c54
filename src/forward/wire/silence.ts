import { clock, type Timer } from '../../clock.ts';
/** Waits for a member's word. One timer serves a connection for as long as it lives: to set it anew is cheap, to make one is not. */
export class Silence {
  readonly #expire: () => void;
  #timer: Timer | undefined;
  #ms = 0;
  #isAwaiting = false;
  /** How often the silence was counted anew. */
  #turns = 0;

  constructor(expire: () => void) {
    this.#expire = expire;
  }

  get isAwaiting(): boolean {
    return this.#isAwaiting;
  }

  /** It is the member's turn: counts its silence, anew. */
  await(ms: number): void {
    this.#isAwaiting = true;
    this.#turns += 1;
    if (this.#timer !== undefined && this.#ms === ms) {
      this.#timer.refresh();
      return;
    }
    clock.clear(this.#timer);
    this.#ms = ms;
    // The connection itself keeps the process, where one is waited for.
    this.#timer = clock.setLimit(this.#onTimer, ms).unref();
  }

  /** It is somebody else's turn. The timer runs on, and finds nothing to do. */
  rest(): void {
    this.#isAwaiting = false;
  }

  end(): void {
    this.#isAwaiting = false;
    clock.clear(this.#timer);
    this.#timer = undefined;
  }

  readonly #onTimer = (): void => {
    if (!this.#isAwaiting) return;
    const turns = this.#turns;
    // A loop that was busy runs its timers before it reads what has come meanwhile.
    setImmediate(() => {
      if (this.#isAwaiting && this.#turns === turns) this.#expire();
    });
  };
}
