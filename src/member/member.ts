import type { MemberSettings } from '../definition/settings.ts';
import type { MemberState } from './member-state.ts';

/** A member: its settings and its state together. Only `members` writes to one; everybody else has a `MemberView`. */
export type Member = {
  readonly settings: MemberSettings;
  /** Replaced as a whole by `nextState`, never edited. */
  state: MemberState;
  /** Requests charged to it now (httpd `busy`). */
  busy: number;
  /** How often it was chosen, failed attempts included (httpd `elected`). */
  elected: number;
  /** Credit in hundredths, as byrequests keeps it (httpd `lbstatus`). */
  lbstatus: number;
};

/** A member as decisions see it. */
export type MemberView = Readonly<Member>;
