import type { IncomingMessage } from 'node:http';
import { readPath, splitTarget } from '../../request/path.ts';
import { mergeSlashes, readAskedPath, type AskedPath } from './asked-path.ts';

/** What a request asks for, below where the handler is mounted. */
export type Asked = Readonly<{
  /** What stands before the path: scheme and host of an absolute-form target, else `''`. */
  front: string;
  path: AskedPath;
  /** With its `?`, byte for byte. */
  query: string;
}>;

/** What reading a target comes to. */
export type AskedReading =
  | Readonly<{ kind: 'asked'; asked: Asked }>
  /** Not about a path: no mount can be meant. */
  | Readonly<{ kind: 'not-ours' }>
  /** A balancer would refuse it; `path`: as it was sent, if there is one. */
  | Readonly<{ kind: 'problem'; problem: string; path: string | undefined }>;

/** Reads a request target once: what is matched, what access is decided by and what is sent on are then the same path. */
export function readAsked({ url = '' }: Pick<IncomingMessage, 'url'>): AskedReading {
  const target = splitTarget(url);
  if (target.kind === 'asterisk') return { kind: 'not-ours' };
  if (target.kind === 'problem') return { kind: 'problem', problem: target.problem, path: undefined };
  // MergeSlashes: before the dot segments are resolved, so that `/a//../b` is `/b`.
  const read = readPath(mergeSlashes(target.path));
  if ('problem' in read) return { kind: 'problem', problem: read.problem, path: target.path };
  const front = target.kind === 'origin' ? '' : url.slice(0, url.indexOf('//') + 2) + target.authority;
  return { kind: 'asked', asked: { front, path: readAskedPath(read.path), query: target.query } };
}
