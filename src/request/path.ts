import type { IncomingMessage } from 'node:http';
import type { PathRewrite } from '../definition/definition.ts';
import { execPattern } from '../patterns/exec-pattern.ts';
import { isPlainText, readSegment } from './dot-segments.ts';

/** A request target, taken apart (RFC 9112 3.2). */
export type Target =
  | Readonly<{ kind: 'origin'; authority: undefined; path: string; query: string }>
  | Readonly<{ kind: 'absolute'; authority: string; path: string; query: string }>
  | Readonly<{ kind: 'asterisk' }>
  | Readonly<{ kind: 'problem'; problem: string }>;

/** A path that is safe to join to a member's base, or why it is not. `status`: where it is not the client's fault. */
export type PathReading = Readonly<{ path: string }> | Readonly<{ problem: string; status?: number }>;

const SLASH = 0x2f;
const DOT = 0x2e;
const QUESTION_MARK = 0x3f;
const ZERO = 0x30;

/** Takes a request target apart; path and query stay as the client wrote them, the query with its `?`. */
export function splitTarget(target: string): Target {
  const unfit = findUnfit(target);
  if (unfit !== undefined) return { kind: 'problem', problem: `the request target holds ${unfit}` };
  if (target.charCodeAt(0) === SLASH) {
    const { path, query } = splitQuery(target, 0);
    return { kind: 'origin', authority: undefined, path, query };
  }
  if (target === '*') return { kind: 'asterisk' };
  const scheme = /^https?:\/\//i.exec(target)?.[0].length;
  // Authority-form is CONNECT's, which does not come as a request.
  if (scheme === undefined) return { kind: 'problem', problem: 'the request target has no path' };
  const end = indexOfEither(target, SLASH, QUESTION_MARK, scheme);
  const authority = target.slice(scheme, end);
  // RFC 9110 4.2.4: user information in a target is an error, often meant to disguise the host.
  if (authority === '' || authority.includes('@') || authority.startsWith(':')) {
    return { kind: 'problem', problem: 'the request target has no host, or more than host and port' };
  }
  const { path, query } = splitQuery(target, end);
  // RFC 9110 4.2.3: an empty path is the same as `/`.
  return { kind: 'absolute', authority, path: path || '/', query };
}

/** RFC 9112 3.2.4: what OPTIONS asks of `http://host` it asks of the server, as with `*`. */
export function isServerWide(target: Target, written: string): boolean {
  return target.kind === 'absolute' && target.path === '/' && target.query === '' && !written.endsWith('/');
}

function splitQuery(target: string, from: number): Readonly<{ path: string; query: string }> {
  const at = target.indexOf('?', from);
  return at === -1
    ? { path: target.slice(from), query: '' }
    : { path: target.slice(from, at), query: target.slice(at) };
}

function indexOfEither(text: string, one: number, other: number, from: number): number {
  let at = from;
  while (at < text.length && text.charCodeAt(at) !== one && text.charCodeAt(at) !== other) at += 1;
  return at;
}

/** What may not stand in a target. Bytes of 0x80 and above may: Node hands them over, and on, one character each. */
export function findUnfit(text: string): string | undefined {
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code <= 0x20 || code === 0x7f) return 'a space or control character';
    if (code === 0x23) return 'a fragment (#)';
    if (code > 0xff) return 'a character that is not percent-encoded';
  }
  return undefined;
}

/**
 * Reads a path below the mount path: it begins with exactly one slash, its dot segments are resolved (RFC 3986 5.2.4),
 * the rest is as the client encoded it. Whatever a member could read as a dot segment and we could not is a problem.
 */
export function readPath(rawPath: string): PathReading {
  const slashes = countLeadingSlashes(rawPath);
  const path = rawPath.slice(slashes);
  if (path.charCodeAt(0) !== DOT && !path.includes('/.') && isPlainText(path)) {
    return { path: slashes === 1 ? rawPath : `/${path}` };
  }
  const escape = findBadEscape(path);
  if (escape !== undefined) return { problem: `the path holds ${escape}` };

  const segments = path.split('/');
  const kept: string[] = [];
  for (const [i, segment] of segments.entries()) {
    const isLast = i === segments.length - 1;
    switch (readSegment(segment)) {
      case 'name':
        // The slashes after a mount path are one, also when a dot segment was between them.
        if (segment !== '' || kept.length > 0 || isLast) kept.push(segment);
        break;
      case 'parent':
        if (kept.length === 0) return { problem: 'the path climbs above its start' };
        kept.pop();
        if (isLast) kept.push('');
        break;
      case 'same':
        if (isLast) kept.push('');
        break;
      case 'ambiguous':
        return {
          problem: 'the path holds what others may read as a dot segment',
        };
    }
  }
  return { path: `/${kept.join('/')}` };
}

/**
 * As `readPath`, but a dot segment is a problem: the app before us has taken it for a name, so that `/x/../admin` would pass a
 * rule for `/admin`. RFC 3986 5.2.4 has clients resolve them.
 */
export function readClientPath(rawPath: string): PathReading {
  return readUnresolved(rawPath, 'the path holds a dot segment: send the path that it resolves to');
}

function readUnresolved(rawPath: string, problem: string): PathReading {
  const read = readPath(rawPath);
  if ('problem' in read || read.path === rawPath) return read;
  // But for slashes at its start, nothing else makes a difference.
  return read.path === `/${rawPath.slice(countLeadingSlashes(rawPath))}` ? read : { problem };
}

function countLeadingSlashes(path: string): number {
  let count = 0;
  while (path.charCodeAt(count) === SLASH) count += 1;
  return count;
}

function findBadEscape(path: string): string | undefined {
  for (let at = path.indexOf('%'); at !== -1; at = path.indexOf('%', at + 1)) {
    const [one, other] = [path.charCodeAt(at + 1), path.charCodeAt(at + 2)];
    if (!isHex(one) || !isHex(other)) return 'a % without two hexadecimal digits';
    // U33: httpd has no answer for a NUL either.
    if (one === ZERO && other === ZERO) return 'an encoded NUL';
  }
  return undefined;
}

function isHex(code: number): boolean {
  const letter = code | 0x20;
  return (code >= ZERO && code <= 0x39) || (letter >= 0x61 && letter <= 0x66);
}

/** A member's own path (`''`, `/media`) and what was asked for below it, with one slash between. */
export function joinPath(basePath: string, path: string): string {
  return basePath + path;
}

/**
 * Makes `pathRewrite` ready to use; its result does not climb out either, and dot segments in it are those of the definition.
 * Keys of a record are patterns, the first that matches is replaced, once, as in http-proxy-middleware.
 */
export function compilePathRewrite(
  pathRewrite: PathRewrite | undefined,
): ((path: string, req: IncomingMessage) => PathReading) | undefined {
  if (pathRewrite === undefined) return undefined;
  if (typeof pathRewrite === 'function')
    return (path, req) => readRewritten(pathRewrite(path, req), readPath);
  const rules = Object.entries(pathRewrite).map(([pattern, value]) => ({
    pattern: new RegExp(pattern),
    value,
    read: compileReadPattern(value),
  }));
  if (rules.length === 0) return undefined;
  return (path) => {
    const rule = rules.find(({ pattern }) => execPattern(pattern, path) !== null);
    return rule ? readRewritten(path.replace(rule.pattern, rule.value), rule.read) : { path };
  };
}

/** Dot segments that the definition has not written are the client's: with `'^/a': '/b/'`, `/a../c` would be `/c`. */
function compileReadPattern(value: string): (path: string) => PathReading {
  const written = listDotSegments(value);
  return (path) =>
    written !== '' && listDotSegments(path) === written
      ? readPath(path)
      : readUnresolved(path, 'what pathRewrite makes of the path holds a dot segment');
}

function listDotSegments(path: string): string {
  const kinds = path.split('/').map(readSegment);
  return kinds.filter((kind) => kind === 'parent' || kind === 'same').join();
}

/**
 * A function of the user's may return anything, a promise for instance.
 *
 * @throws {TypeError} for what is the definition's mistake, not the client's.
 */
function readRewritten(path: unknown, read: (path: string) => PathReading): PathReading {
  if (typeof path !== 'string') throw new TypeError('pathRewrite has not returned a string');
  if (path.includes('?')) {
    throw new TypeError(
      'pathRewrite has returned a ?: the query is not part of the path; write %3F for a literal one',
    );
  }
  const unfit = findUnfit(path);
  if (unfit !== undefined) throw new TypeError(`pathRewrite has returned ${unfit}: write it percent-encoded`);
  return read(path);
}
