import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Balancer } from '../balancer.ts';
import type { Logger } from '../definition/definition.ts';
import type { Change } from '../changes/change.ts';

/** Who may come in: `true` for somebody without a name, a name for the log, or a name and what they may not do. */
export type Admission =
  | boolean
  | string
  | undefined
  | null
  | Readonly<{
      /** A name for the log. */
      user: string;
      /** Sees everything, changes nothing. Default: false. */
      readOnly?: boolean;
    }>
  | Readonly<{
      /** Stays out, and is asked for credentials: a value for `WWW-Authenticate`, such as `'Basic realm="balancers"'`. */
      challenge: string;
    }>;

/**
 * Decides who may come in, at each request. What it throws keeps everybody out. It may answer by itself, with a way to
 * the login for instance: then nothing else is done.
 */
export type Authorize = {
  // As a method, so that functions typed for Express fit.
  /** Who asks; `undefined`, `null`, `false` and `''` stay out. */
  ask(req: IncomingMessage, res: ServerResponse): Admission | Promise<Admission>;
}['ask'];

/** What a manager is created from. */
export type ManagerOptions = Readonly<{
  /** Whom it shows. Default: every balancer of this process that is not closed. */
  balancers?: readonly Balancer[];
  /**
   * Who may come in; there is no default. `'loopback-only'`: connections from this machine, by the socket's address, that
   * name it as their host and have not come through another proxy: nothing that a proxy adds, and no HTTP/1.0. One that
   * asks in HTTP/1.1, rewrites Host and adds nothing cannot be seen.
   */
  authorize: Authorize | 'loopback-only';
  /**
   * Which servers may be added: hosts (`'app3.internal'`, `'*.internal'`, `'10.0.0.5:3000'`), or a question to a URL; of a
   * member with `resolve`, which name: its servers are DNS's. Default: any http(s) server.
   */
  allowMembers?: readonly string[] | ((url: URL) => boolean);
  /**
   * Names under which the manager may be reached, against DNS rebinding; with a port, that port only. Default: any, and
   * names of this machine with `'loopback-only'`.
   */
  hosts?: readonly string[];
  /**
   * Is handed each change that is made or has ended, and all that are in force now, to store them. Changes of balancers
   * with `state` are left out: it keeps them.
   */
  onChange?: (change: Change, inForce: readonly Change[]) => unknown;
  /**
   * What `onChange` was handed as in force, as it came back from a store: it is checked. Those of balancers with `state`,
   * which keeps them itself, are left out with a warning. Default: none.
   */
  initialChanges?: unknown;
  /** Signs the tokens of forms; the same in each process that stands behind one address. Default: made up at the start. */
  secret?: string;
  /** Heading of the page. Default: `'Balancer manager'`. */
  title?: string;
  /** Where warnings go. Default: `console`. `false`: nowhere. */
  logger?: Logger | false;
}>;
