import type { IncomingMessage } from 'node:http';
import { readPath, splitTarget } from './path.ts';

/** What Express and Connect add to a request. */
type MountedRequest = IncomingMessage & { baseUrl?: unknown; originalUrl?: unknown };

/**
 * The path that a middleware is mounted at, without trailing slash; undefined where it could lead elsewhere: a pattern or
 * parameter in it makes it the client's to say, `//evil.example` at the front of a link is another host, and browsers
 * take a backslash for a slash.
 */
export function readMountPath(req: IncomingMessage): string | undefined {
  const path = mountPathOf(req);
  if (path === '') return path;
  const read = readPath(path);
  return 'path' in read && read.path === path && !/\\|%5c/i.test(path) ? path : undefined;
}

function mountPathOf({ baseUrl, originalUrl, url }: MountedRequest): string {
  if (typeof baseUrl === 'string') return withoutTrailingSlashes(baseUrl);
  // Connect has no baseUrl: what it has taken off the front of the path is the mount path.
  if (typeof originalUrl !== 'string' || originalUrl === url) return '';
  const path = pathOf(originalUrl);
  const rest = pathOf(url!);
  if (path.endsWith(rest)) return withoutTrailingSlashes(path.slice(0, path.length - rest.length));
  return rest === '/' ? withoutTrailingSlashes(path) : '';
}

function withoutTrailingSlashes(path: string): string {
  let end = path.length;
  while (end > 0 && path[end - 1] === '/') end -= 1;
  return path.slice(0, end);
}

function pathOf(url: string): string {
  const target = splitTarget(url);
  return 'path' in target ? target.path : '';
}
