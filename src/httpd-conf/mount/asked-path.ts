import { decodeBytes, type Decoded } from './decode.ts';

/**
 * A path in the ways in which it is read: as it is sent on, and decoded for patterns. Every question of who may have it is
 * asked of the same one.
 */
export type AskedPath = Readonly<{
  /** Slashes merged, dot segments resolved, otherwise as the client has encoded it. */
  raw: string;
  /** For patterns; an encoded slash stays encoded (AllowEncodedSlashes NoDecode), since it ends no segment. */
  decoded(): Decoded;
  /**
   * The same path as a member may read it that takes encoded slashes and backslashes for slashes; undefined: no otherwise.
   * What keeps requests out keeps these out too.
   */
  loose: AskedPath | undefined;
}>;

const otherSlash = /%2f|%5c|\\/gi;

/** Makes a path ready to be matched. */
export function readAskedPath(raw: string): AskedPath {
  const looseRaw = mergeSlashes(raw.replace(otherSlash, '/'));
  return createPath(raw, looseRaw === raw ? undefined : createPath(looseRaw, undefined));
}

function createPath(raw: string, loose: AskedPath | undefined): AskedPath {
  let decoded: Decoded | undefined;
  return { raw, loose, decoded: () => (decoded ??= decodeBytes(raw)) };
}

/** Runs of slashes become one. */
export function mergeSlashes(path: string): string {
  return path.includes('//') ? path.replace(/\/{2,}/g, '/') : path;
}
