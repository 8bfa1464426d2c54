import type { Connection } from './connection.ts';

/** Whose connection it is. */
export type ConnectionOwner = Readonly<{
  /** It has carried its exchange and can carry another one, for so long. */
  idle(connection: Connection, keptMs: number | undefined): void;
  /** It is gone, or is nobody's any more. */
  closed(connection: Connection): void;
  session(servername: string | undefined, session: Buffer): void;
}>;

/** How a connection is to be opened. */
export type Wanted = Readonly<{
  servername: string | undefined;
  session: Buffer | undefined;
  /** It may become a tunnel: a socket that others read from. */
  isTunnel: boolean;
}>;
