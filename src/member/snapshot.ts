import type { MemberView } from './member.ts';
import { printStatus, Status } from './status.ts';

/** A member at one moment, for people and programs that look on. */
export type MemberSnapshot<Name extends string = string> = Readonly<{
  /** Its route if it has one to itself, else its URL as the definition writes it. */
  name: Name;
  /** Its URL as httpd would name it: host in lower case, without default port and lone trailing slash. */
  url: string;
  route: string | undefined;
  redirect: string | undefined;
  loadfactor: number;
  lbset: number;
  /** httpd's letters, such as `'D'` or `'NE'`; `''` for a member with no flag set. */
  status: string;
  inError: boolean;
  /** Until it may be tried again, in milliseconds; undefined when it is not in error. */
  retryInMs: number | undefined;
  retries: number;
  busy: number;
  elected: number;
  /** Credit in hundredths (httpd `lbstatus`). */
  lbstatus: number;
}>;

/** The members as they are at `now`, of the clock that their states were made with. */
export function viewMembers(members: readonly MemberView[], now: number): readonly MemberSnapshot[] {
  return members.map(({ settings, state, busy, elected, lbstatus }) => ({
    name: settings.name,
    url: settings.url,
    route: settings.route,
    redirect: settings.redirect,
    loadfactor: settings.lbfactor / 100,
    lbset: settings.lbset,
    status: printStatus(state.status),
    inError: (state.status & Status.inError) !== 0,
    retryInMs: state.errorAt === undefined ? undefined : Math.max(0, state.errorAt + settings.retryMs - now),
    retries: state.retries,
    busy,
    elected,
    lbstatus,
  }));
}
