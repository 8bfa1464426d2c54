import type { IncomingMessage } from 'node:http';
import type { Asked } from './asked.ts';

/** A request as Express and Connect know it. */
type MountedRequest = IncomingMessage & { baseUrl?: unknown; originalUrl?: unknown };

/** Puts a request's place back to what it was. */
export type Restore = () => void;

/**
 * Moves a request below a path, as Express does for what is mounted there: `baseUrl` grows by what the first `end`
 * characters of the path are, `url` shrinks. `outer`: the path that the handler itself is mounted at.
 */
export function placeBelow(
  req: MountedRequest,
  outer: string,
  { front, path: { raw }, query }: Asked,
  end: number,
): Restore {
  const { url, baseUrl, originalUrl } = req;
  const had = { baseUrl: 'baseUrl' in req, originalUrl: 'originalUrl' in req };
  const base = withoutTrailingSlash(raw.slice(0, end));
  // Connect and plain http have no baseUrl: without one it would be guessed from the two URLs, which dot segments and merged slashes forbid.
  req.baseUrl = outer + base;
  if (!had.originalUrl) req.originalUrl = url;
  req.url = `${front}${raw.slice(base.length) || '/'}${query}`;
  return () => {
    req.url = url!;
    if (had.baseUrl) req.baseUrl = baseUrl;
    else delete req.baseUrl;
    if (had.originalUrl) req.originalUrl = originalUrl;
    else delete req.originalUrl;
  };
}

function withoutTrailingSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}
