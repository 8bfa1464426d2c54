import { retryAt } from './retry-at.ts';
import type { MemberView } from './member.ts';
import { responseMsOf } from './statistics.ts';
import { printStatus, Status } from './status.ts';

/** A member at one moment, for people and programs that look on. */
export type MemberSnapshot<Name extends string = string> = Readonly<{
  /** Its route if it has one to itself, else its URL as the definition writes it. */
  name: Name;
  /** Its URL as httpd would name it: host in lower case, without default port and lone trailing slash. */
  url: string;
  /** Label that binds sessions to it (httpd `route`); undefined: none. */
  route: string | undefined;
  /** Route of the member that takes over its sessions while it is unusable (httpd `redirect`). */
  redirect: string | undefined;
  /** Its weight, from 1 (httpd `loadfactor`). */
  loadfactor: number;
  /** The set it belongs to (httpd `lbset`). */
  lbset: number;
  /** httpd's letters, such as `'D'` or `'NE'`; `''` for a member with no flag set. */
  status: string;
  /** It has failed, and is left alone until `retry` is over (`E`). */
  inError: boolean;
  /** Until it may be tried again, in milliseconds; undefined when it is not in error. */
  retryInMs: number | undefined;
  /** How often it was tried since it was put in error. */
  retries: number;
  /** It is in error for what it answered. */
  ejected: boolean;
  /** Requests it serves now, upgraded connections included. */
  busy: number;
  /** How many it may serve; undefined: any number. */
  max: number | undefined;
  /** How often it was chosen, stickiness included (httpd `elected`). */
  elected: number;
  /** Bad answers (5xx but 501 and 505) and attempts without an answer. */
  failures: number;
  /** Bytes of requests to it (httpd `transferred`). */
  sent: number;
  /** Bytes of its answers (httpd `read`). */
  received: number;
  /** Weighted mean of the time to the head of its answers, in milliseconds; undefined before the first. */
  responseMs: number | undefined;
  /** Credit in hundredths (httpd `lbstatus`). */
  lbstatus: number;
}>;

/** The members as they are at `now`, of the clock that their states were made with. */
export function viewMembers(members: readonly MemberView[], now: number): readonly MemberSnapshot[] {
  return members.map((member) => viewMember(member, now));
}

/** One member as it is at `now`. */
export function viewMember(member: MemberView, now: number): MemberSnapshot {
  const { settings, state, busy, elected, lbstatus, failures, sent, received } = member;
  const at = retryAt(member);
  return {
    name: settings.name,
    url: settings.url,
    route: settings.route,
    redirect: settings.redirect,
    loadfactor: settings.lbfactor / 100,
    lbset: settings.lbset,
    status: printStatus(state.status),
    inError: (state.status & Status.inError) !== 0,
    retryInMs: at === undefined ? undefined : Math.max(0, at - now),
    retries: state.retries,
    ejected: state.ejectedMs !== undefined,
    busy,
    max: settings.max === Infinity ? undefined : settings.max,
    elected,
    failures,
    sent,
    received,
    responseMs: responseMsOf(member, now),
    lbstatus,
  };
}
