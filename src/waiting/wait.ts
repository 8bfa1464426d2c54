import { clock, type Timer } from '../clock.ts';
import type { Choice, Chosen, Nobody } from '../choice/choose-member.ts';
import { longestMs } from '../definition/duration.ts';
import type { Waiter, WaitingRoom } from './waiting-room.ts';

/** What a request that waits is asked and told. */
export type WaitingRequest = Readonly<{
  choose(): Choice;
  /** Until when it waits, of the same clock, as things stand. */
  limit(choice: Nobody): number;
  /** See `Waiter`. */
  kind(): string | undefined;
  /** Its member is there. */
  serve(choice: Chosen): void;
  /** Its time is up. */
  expire(choice: Nobody): void;
}>;

/** The waiting of one request: it ends with a member, with its time, or with `leave`. */
export class Wait implements Waiter {
  readonly #room: WaitingRoom;
  readonly #now: () => number;
  readonly #request: WaitingRequest;
  #timer: Timer | undefined;
  readonly #notBefore: number;
  #awaitsMember = false;
  #isOver = false;

  /** `notBefore`: until then it waits, whatever happens. */
  constructor(room: WaitingRoom, now: () => number, request: WaitingRequest, notBefore: number) {
    this.#room = room;
    this.#now = now;
    this.#request = request;
    this.#notBefore = notBefore;
  }

  /** False: there is no room. */
  enter(choice: Nobody, most: number): boolean {
    this.#note(choice);
    if (!this.#room.enter(this, most)) return false;
    this.#arm(choice);
    return true;
  }

  kind(): string | undefined {
    return this.#now() < this.#notBefore ? undefined : this.#request.kind();
  }

  retry(): boolean {
    // Its own timer brings it: many that pause must not cost anything for each piece of news.
    if (this.#now() < this.#notBefore) return false;
    const choice = this.#request.choose();
    if (choice.kind === 'member') {
      this.#end();
      this.#request.serve(choice);
      return true;
    }
    if (this.#request.limit(choice) <= this.#now()) {
      this.#end();
      this.#request.expire(choice);
      return true;
    }
    this.#arm(choice);
    return false;
  }

  awaitsMember(): boolean {
    return this.#awaitsMember;
  }

  leave(): void {
    if (this.#isOver) return;
    this.#end();
    // Others of its kind may have relied on its timer.
    this.#room.wake();
  }

  #end(): void {
    this.#isOver = true;
    clock.clear(this.#timer);
    this.#room.leave(this);
  }

  #note(choice: Choice): void {
    this.#awaitsMember = choice.kind === 'nobody' && choice.reason !== 'full';
  }

  /** Its time, and that of the next member in error, come without news. */
  #arm(choice: Choice): void {
    this.#note(choice);
    clock.clear(this.#timer);
    const now = this.#now();
    let at = choice.kind === 'nobody' ? this.#request.limit(choice) : this.#notBefore;
    // It may be due by now, and was not when the choice was made: nobody else would tell.
    if (choice.kind === 'nobody' && choice.retryAt !== undefined) at = Math.min(at, choice.retryAt);
    if (this.#notBefore > now) at = Math.min(at, this.#notBefore);
    const onTime = (): void => {
      if (this.#isOver) return;
      if (this.#now() < this.#notBefore) this.#arm(this.#request.choose());
      // Others of its kind may have relied on its timer.
      else if (this.retry()) this.#room.wake();
    };
    this.#timer = clock.setLimit(onTime, Math.min(Math.max(1, Math.ceil(at - now)), longestMs));
  }
}
