import type { Request } from 'express';
import { backendOf, readSessionId, type Session, type Sessions } from './sessions.ts';

/** What a page has to know about the request it answers. */
export type Visit = Readonly<{
  backend: string;
  /** Where this backend listens; it knows of no front. */
  address: string;
  session: Session | undefined;
  /** The backend of a session that is not known here. */
  lostSessionOf: string | undefined;
  /** From this page to the site's first, relative: the site may be mounted anywhere. */
  root: string;
}>;

export function describeVisit(req: Request, backend: string, sessions: Sessions): Visit {
  const id = readSessionId(req.headers.cookie);
  const session = sessions.find(id);
  return {
    backend,
    address: ownAddress(req),
    session,
    lostSessionOf: id !== undefined && session === undefined ? backendOf(id) : undefined,
    root: '../'.repeat(req.path.split('/').length - 2) || './',
  };
}

/** This backend's own host and port, as it knows them: those that the connection has reached. */
export function ownAddress(req: Request): string {
  return `${ownHost(req)}:${req.socket.localPort ?? 0}`;
}

export function ownHost(req: Request): string {
  return req.socket.localAddress ?? 'localhost';
}

/** An absolute URL of this site, as seen by this backend: the balancer makes the public one of it. */
export function ownUrl(req: Request, path: string): string {
  return `http://${ownAddress(req)}${req.baseUrl}/${path}`;
}
