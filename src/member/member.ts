import type { MemberSettings } from '../definition/settings.ts';
import type { Creditor, Ledger } from './ledger.ts';
import { initialState, type MemberState } from './member-state.ts';
import { Status } from './status.ts';

/** A member: its settings and its state together. Only `members` writes to one; everybody else has a `MemberView`. */
export type Member = {
  /** Replaced as a whole, never edited. */
  settings: MemberSettings;
  /** Replaced as a whole by `nextState`, never edited. */
  state: MemberState;
  /** Requests charged to it now (httpd `busy`). */
  busy: number;
  /** Requests charged to it in other processes, as they have told last; 0 where they do not. */
  busyElsewhere: number;
  /** How often it was chosen, failed attempts included (httpd `elected`). */
  elected: number;
  /** Credit in hundredths, as byrequests keeps it (httpd `lbstatus`). */
  lbstatus: number;
  /** Bytes sent to it: heads and bodies of requests, those sent again included (httpd `transferred`). */
  sent: number;
  /** Bytes received from it: status lines and bodies (httpd `read`). */
  received: number;
  /** Bytes that bytraffic counts besides: for failures that cost nothing, and for the time it was away. */
  handicap: number;
  /** Requests that it counts as more busy than it is, as of `debtAt`: failures and returns; halved every ten seconds. */
  debt: number;
  debtAt: number;
  /** Weighted mean of the time to the head of its answers, in milliseconds, as of `sampledAt`; undefined before the first. */
  responseMs: number | undefined;
  sampledAt: number;
  /** Bad answers and failures since it was added. */
  failures: number;
};

/** A member as decisions see it. */
export type MemberView = Readonly<Member>;

/** A member that has served nobody yet. */
export function createMember(settings: MemberSettings): KeptMember {
  return new KeptMember(settings);
}

/** A member as `members` keeps it: its credit may be in a ledger. */
export class KeptMember implements Member, Creditor {
  settings: MemberSettings;
  state: MemberState;
  busy = 0;
  busyElsewhere = 0;
  elected = 0;
  sent = 0;
  received = 0;
  handicap = 0;
  debt = 0;
  debtAt = 0;
  responseMs: number | undefined;
  sampledAt = 0;
  failures = 0;
  #credit = 0;
  #ledger: Ledger | undefined;
  #place = 0;

  constructor(settings: MemberSettings) {
    this.settings = settings;
    // Its first health check, and then its warming up, say when it serves.
    const isCold = (settings.health?.warmUp.length ?? 0) > 0;
    this.state = initialState(settings.status | (isCold ? Status.healthCheckFailed : 0));
  }

  get lbstatus(): number {
    return this.#ledger === undefined ? this.#credit : this.#ledger.creditAt(this.#place);
  }

  set lbstatus(credit: number) {
    this.#ledger?.close();
    this.#credit = credit;
  }

  handOver(ledger: Ledger, place: number): void {
    this.#ledger?.close();
    this.#ledger = ledger;
    this.#place = place;
  }

  takeBack(ledger: Ledger): void {
    if (this.#ledger !== ledger) return;
    this.#credit = ledger.creditAt(this.#place);
    this.#ledger = undefined;
  }

  placeIn(ledger: Ledger): number | undefined {
    return this.#ledger === ledger ? this.#place : undefined;
  }
}
