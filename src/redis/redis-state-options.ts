import type { Duration, Logger } from '../definition/definition.ts';
import type { RedisClient } from './client.ts';

/** What does not depend on how Redis is reached. */
export type CommonStateOptions = Readonly<{
  /**
   * What everything in Redis begins with: processes of one prefix share. 1 to 64 letters, digits, and _ . : -; messages know no
   * database, so that another database is not enough to keep two apart. Default: `'express-proxy-balancer'`.
   */
  prefix?: string;
  /**
   * After what time without a word a process counts as gone: its leases, totals and busy counts end. It tells the others that
   * it is there three times within it. 2 s to 1 h; a number is in seconds. Default: `'6s'`.
   */
  expiry?: Duration;
  /**
   * How long what was said is kept after the last process has ended: changes, members, error marks. Not shorter than `expiry`;
   * a number is in seconds. Default: `'168h'`, a week.
   */
  keep?: Duration;
  /** Whether `bybusyness` goes by the requests under way in all processes rather than in its own. Default: `false`. */
  busy?: boolean;
  /** Where warnings go. Default: `console`. `false`: nowhere. */
  logger?: Logger | false;
}>;

/** Where state is shared, and for how long it holds. Either `client` or `url`. */
export type RedisStateOptions = CommonStateOptions &
  Readonly<
    | {
        /**
         * A client of the package `redis`, of `createClient`, `createSentinel` or `createCluster`; connected here unless the
         * app does it. It stays the app's, and is never closed here; a standalone one is duplicated to listen. How soon it finds
         * out that the network is cut is up to its own options (`pingInterval`, `socket.socketTimeout`).
         */
        client: RedisClient;
        /** Not beside `client`. */
        url?: undefined;
      }
    | {
        /** `redis://` or `rediss://`: connections of our own, which `close` ends. */
        url: string;
        /** Not beside `url`. */
        client?: undefined;
      }
  >;
