import type { IncomingMessage } from 'node:http';
import { readMountPath } from '../../request/mount-path.ts';
import { splitTarget } from '../../request/path.ts';

/** Where a request goes: the mount path of the manager, and what is asked for below it. */
export type Place = Readonly<{
  /** Without trailing slash. */
  base: string;
  /** As the client has encoded it. */
  path: string;
  query: URLSearchParams;
  /** Host in an absolute-form target. */
  authority: string | undefined;
}>;

/** Reads where a request goes; undefined where links that begin with the mount path could lead elsewhere. */
export function readPlace(req: IncomingMessage): Place | undefined {
  const target = splitTarget(req.url ?? '');
  if (!('path' in target)) return undefined;
  const base = readMountPath(req);
  if (base === undefined) return undefined;
  return {
    base,
    path: target.path,
    query: new URLSearchParams(target.query),
    authority: target.authority,
  };
}
