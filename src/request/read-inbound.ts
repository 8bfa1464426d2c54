import type { IncomingMessage } from 'node:http';
import type { Settings } from '../definition/settings.ts';
import type { BalancerErrorCode } from '../errors.ts';
import { readMaxForwards } from '../rewrite/max-forwards.ts';
import { hasPassedHere } from '../rewrite/via.ts';
import { compileExclude } from './exclude.ts';
import { isBehindLast } from './last-request.ts';
import { announcesBody } from './read-body.ts';
import { readFields } from './read-fields.ts';
import type { Inbound, ParsedCookies } from './inbound.ts';
import { findQueryProblem, readHttpdPath, readMappedPath, type ReadMapped } from './mapped-path.ts';
import type { Mapping } from './mapping.ts';
import { readMountPath } from './mount-path.ts';
import {
  compilePathRewrite,
  isServerWide,
  readClientPath,
  readPath,
  splitTarget,
  type PathReading,
} from './path.ts';
import { compileFindHttpdSession } from './httpd-session.ts';
import { findSession, type FindSession } from './session.ts';

/** What reading a request comes to. */
export type Reading =
  | Readonly<{ kind: 'inbound'; inbound: Inbound }>
  /** Excluded, or not about a path: the app's later middleware may have it. */
  | Readonly<{ kind: 'not-ours' }>
  /** Max-Forwards ends here. */
  | Readonly<{ kind: 'here' }>
  /** `status`: instead of the code's own. `closes`: nobody knows where on its connection the next request begins. */
  | Readonly<{
      kind: 'refused';
      code: BalancerErrorCode;
      problem: string;
      status?: number;
      closes?: boolean;
    }>;

type Refusal = Extract<Reading, { kind: 'refused' }>;

/** What of the definition the reading needs, ready to use. */
export type RequestReader = Readonly<{
  settings: Settings;
  /** Of what the client asks for. */
  readAsked: (path: string) => PathReading;
  isExcluded: ReturnType<typeof compileExclude>;
  /** A further question to a request for this path: whether it is ours at all. */
  isOurs: ((req: IncomingMessage, path: string) => boolean) | undefined;
  rewritePath: ReturnType<typeof compilePathRewrite>;
  readMapped: ReadMapped;
  findSession: FindSession;
}>;

/** What Express adds to a request; a plain http or Connect server may have less of it. */
type ExpressRequest = IncomingMessage & {
  protocol?: string;
  cookies?: unknown;
  signedCookies?: unknown;
  app?: { get?(name: string): unknown };
};

/** Prepares the reading of requests of one balancer. */
export function createRequestReader(settings: Settings, isOurs: RequestReader['isOurs']): RequestReader {
  const isHttpd = settings.compat === 'httpd';
  return {
    settings,
    // httpd's rules look at the resolved path, the app's do not.
    readAsked: isHttpd ? readPath : readClientPath,
    isExcluded: compileExclude(settings.exclude),
    isOurs,
    rewritePath: compilePathRewrite(settings.pathRewrite),
    readMapped: isHttpd ? readHttpdPath : readMappedPath,
    findSession: isHttpd ? compileFindHttpdSession(settings.name) : findSession,
  };
}

/** Reads a request once. Whatever is ambiguous is refused: a guess here is somebody else's hole. */
export function readInbound(
  { settings, readAsked, isExcluded, isOurs, rewritePath, readMapped }: RequestReader,
  req: IncomingMessage,
  isUpgrade: boolean,
  mapping?: Mapping,
): Reading {
  const asked: ExpressRequest = req;
  const method = req.method!;
  const target = splitTarget(req.url!);
  if (isBehindLast(req))
    return { ...badRequest('it stands behind the last request of its connection'), closes: true };
  if (isUnknownVersion(req)) return { ...badRequest(`HTTP/${req.httpVersion}`, 505), closes: true };
  if (target.kind === 'problem') return badRequest(target.problem);
  if (target.kind === 'asterisk' || (method === 'OPTIONS' && isServerWide(target, req.url!))) {
    return { kind: 'not-ours' };
  }

  const read = readAsked(target.path);
  if ('problem' in read) return badRequest(read.problem);
  if (isExcluded?.(read.path, req) || isOurs?.(req, read.path) === false) return { kind: 'not-ours' };
  const mapped = mapping ? readMapped(mapping.toMember(read.path)) : read;
  if ('problem' in mapped) return badRequest(mapped.problem, mapped.status);
  const rewritten = rewritePath ? rewritePath(mapped.path, req) : mapped;
  if ('problem' in rewritten) return badRequest(rewritten.problem);
  const query = mapping?.query ?? target.query;
  const badQuery = mapping?.query === undefined ? undefined : findQueryProblem(query);
  if (badQuery !== undefined) return badRequest(badQuery);

  if (mayLackFields(req)) {
    return badRequest('it has more header lines than the server reads', 431);
  }
  const problem = findProblem(req, target.authority ?? req.headers.host);
  if (problem) return problem;
  if (hasPassedHere(req.rawHeaders, settings.pseudonym)) {
    return { kind: 'refused', code: 'ERR_BALANCER_LOOP', problem: settings.pseudonym };
  }
  const mountPath = readMountPath(req);
  if (mountPath === undefined) return badRequest('the path that the balancer is mounted at is ambiguous');
  // Node has put the body of an upgrade behind its head.
  if (isUpgrade && announcesBody(req)) return badRequest('a request for an upgrade has a body');
  const maxForwards = readMaxForwards(method, req.rawHeaders);
  if (maxForwards.kind === 'invalid') return badRequest('Max-Forwards is no number');
  if (maxForwards.kind === 'here') return { kind: 'here' };

  const remoteAddress = req.socket.remoteAddress ?? '';
  const trusted = isTrusted(asked, remoteAddress, settings);
  return {
    kind: 'inbound',
    inbound: {
      method,
      httpVersion: req.httpVersion,
      path: read.path,
      pathToMember: rewritten.path,
      memberPath: mapping?.memberPath ?? '',
      query,
      mountPath,
      headers: readFields(req),
      host: target.authority ?? req.headers.host,
      protocol: protocolOf(asked, trusted, settings),
      remoteAddress,
      trusted,
      upgrade: isUpgrade ? allowedUpgrade(req, settings.upgrade) : undefined,
      parsedCookies: parsedCookiesOf(asked),
    },
  };
}

function badRequest(problem: string, status?: number): Refusal {
  const refused = { kind: 'refused', code: 'ERR_BALANCER_BAD_REQUEST', problem } as const;
  return status === undefined ? refused : { ...refused, status };
}

/**
 * Whether lines of its head may be missing: an older Node drops what is beyond `maxHeadersCount`, be it the length of the body
 * or a second Host, and goes by it all the same. A newer one answers 431 by itself.
 */
export function mayLackFields({ rawHeaders, socket }: IncomingMessage): boolean {
  const { server } = socket as { server?: { maxHeadersCount?: number | null } };
  const most = server?.maxHeadersCount ?? 1000;
  // It may stop reading when it has just as many.
  return most > 0 && rawHeaders.length >= 2 * most;
}

/** Host and framing that a member might read otherwise than Node has. */
function findProblem(req: IncomingMessage, host: string | undefined): Reading | undefined {
  let hosts = 0;
  const { rawHeaders } = req;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]!.length === 4 && rawHeaders[i]!.toLowerCase() === 'host') hosts += 1;
  }
  if (hosts > 1) return badRequest('more than one Host');
  // RFC 9110 7.2 by way of RFC 3986 3.2.2: a name, an IPv4 or a bracketed address, and a port; no list of names.
  if (
    host !== undefined &&
    !/^(?:(?:[\w.~!$&'()*+;=-]|%(?!00)[\da-f]{2})*|\[[\da-f:.]+\])(?::\d*)?$/i.test(host)
  ) {
    return badRequest('Host is no host and port');
  }
  const coding = req.headers['transfer-encoding'];
  return coding === undefined ? undefined : findCodingProblem(coding, req);
}

function findCodingProblem(coding: string, { httpVersion, headers }: IncomingMessage): Reading | undefined {
  // RFC 9112 6.3: how requests are smuggled. Node's lenient parser goes by the coding.
  if (headers['content-length'] !== undefined) {
    return { ...badRequest('Content-Length beside Transfer-Encoding'), closes: true };
  }
  // RFC 9112 6.1: whoever speaks 1.0 does not know it, and may have framed the body otherwise.
  if (httpVersion === '1.0') return { ...badRequest('Transfer-Encoding in HTTP/1.0'), closes: true };
  const codings = coding.toLowerCase().split(',');
  // RFC 9112 6.3: so the end of the body cannot be told.
  if (!/^[ \t]*chunked[ \t]*$/.test(codings.at(-1)!)) {
    return { ...badRequest(`Transfer-Encoding does not end with chunked: ${coding}`), closes: true };
  }
  if (codings.length === 1) return undefined;
  return { kind: 'refused', code: 'ERR_BALANCER_UNSUPPORTED_CODING', problem: coding };
}

/** Node's parser takes 0.9 and 2.0 as well, though their messages look otherwise; HTTP/2 by its compatibility has a stream. */
function isUnknownVersion(req: IncomingMessage & { stream?: unknown }): boolean {
  const { httpVersion } = req;
  return httpVersion !== '1.1' && httpVersion !== '1.0' && req.stream === undefined;
}

function protocolOf(
  { protocol, headers, socket }: ExpressRequest,
  trusted: boolean,
  { trustProxy }: Settings,
): 'http' | 'https' {
  // Express has looked at X-Forwarded-Proto by its own rule; by ours the first of its values counts too.
  const byExpress = trustProxy ? undefined : protocol;
  const named = byExpress ?? (trusted ? firstOf(headers['x-forwarded-proto']) : undefined);
  if (named === 'http' || named === 'https') return named;
  return 'encrypted' in socket && socket.encrypted ? 'https' : 'http';
}

function firstOf(list: string | string[] | undefined): string | undefined {
  return list?.toString().split(',', 1)[0]!.trim().toLowerCase();
}

function isTrusted({ app }: ExpressRequest, address: string, { trustProxy }: Settings): boolean {
  if (trustProxy) return trustProxy(address);
  // Express's own, compiled from 'trust proxy'.
  const trust = app?.get?.('trust proxy fn') as ((address: string, hop: number) => boolean) | undefined;
  return trust?.(address, 0) ?? false;
}

function allowedUpgrade(
  { httpVersion, headers: { upgrade: asked } }: IncomingMessage,
  allowed: ReadonlySet<string>,
): string | undefined {
  // RFC 9110 7.8: Upgrade means nothing in a request of HTTP/1.0.
  if (asked === undefined || httpVersion === '1.0') return undefined;
  return allowed.has('*') || allowed.has(asked.toLowerCase()) ? asked : undefined;
}

function parsedCookiesOf({ cookies, signedCookies }: ExpressRequest): ParsedCookies | undefined {
  if (!isRecord(cookies)) return undefined;
  return { cookies, signedCookies: isRecord(signedCookies) ? signedCookies : {} };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
