import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import cookieParser from 'cookie-parser';

/** A request that nobody has made. */
export type MadeUp = Readonly<{
  /** As a client would write it, with the query. */
  path: string;
  method: string;
  /** Names as they are written, each once, whatever its case. */
  headers: readonly (readonly [name: string, value: string])[];
  /** Address of the client. */
  address: string;
}>;

/** What Express and its middleware add to a request. */
type AppRequest = IncomingMessage & {
  baseUrl?: string;
  originalUrl?: string;
  secret?: string;
  cookies?: unknown;
  query?: unknown;
  app?: { get?(name: string): unknown };
};

/**
 * A request that was never on a socket. `like`: the request of the one who asks; under Express its prototype, for functions
 * of the definition that are written for Express. `mountPath`: where the balancer is mounted, without trailing slash.
 */
export function makeUpRequest(
  { path, method, headers, address }: MadeUp,
  like: IncomingMessage,
  mountPath: string,
): IncomingMessage {
  const socket = new Socket();
  Object.defineProperty(socket, 'remoteAddress', { value: address });
  const req: AppRequest = new IncomingMessage(socket);
  // That of HTTP/2 would look for its stream.
  if (like instanceof IncomingMessage) Object.setPrototypeOf(req, Object.getPrototypeOf(like) as object);
  req.method = method;
  req.httpVersion = '1.1';
  req.httpVersionMajor = 1;
  req.httpVersionMinor = 1;
  const fields = headers.map(([name, value]) => [name.toLowerCase(), value] as const);
  req.rawHeaders = headers.flat();
  req.headers = Object.fromEntries(fields);
  req.headersDistinct = Object.fromEntries(fields.map(([name, value]) => [name, [value]]));
  req.url = cutMountPath(path, mountPath);
  req.baseUrl = mountPath;
  req.originalUrl = path;
  // Its body is empty, and has come.
  req.complete = true;
  req.push(null);
  parseLike(req, like);
  return req;
}

/** The longest mount path that a path is below, without trailing slash. */
export function findMountPath(path: string, mountPaths: readonly string[]): string {
  const bare = path.replace(/\?.*$/s, '');
  const fitting = mountPaths
    .map((mountPath) => (mountPath === '/' ? '' : mountPath))
    .filter((mountPath) => bare === mountPath || bare.startsWith(`${mountPath}/`));
  return fitting.reduce((longest, each) => (each.length > longest.length ? each : longest), '');
}

/** What Express leaves: a path that begins with a slash. */
function cutMountPath(path: string, mountPath: string): string {
  const rest = path.slice(mountPath.length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** Parses what the app's middleware has parsed of the other request: cookies, and Express 4's query. */
function parseLike(req: AppRequest, like: AppRequest): void {
  if (like.cookies !== undefined) {
    cookieParser(like.secret)(req as never, undefined as never, () => undefined);
  }
  if (!Object.hasOwn(like, 'query')) return;
  const parse = like.app?.get?.('query parser fn');
  if (typeof parse !== 'function') return;
  const query = req.url!.includes('?') ? req.url!.slice(req.url!.indexOf('?') + 1) : '';
  req.query = (parse as (text: string) => unknown)(query);
}
