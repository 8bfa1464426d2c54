import { readPath } from '../../request/path.ts';
import type { AskedPath } from './asked-path.ts';
import type { Join } from './join-prefix.ts';
import type { Fit } from './path-match.ts';
import { compileSubstitute } from './substitute.ts';

/** How what a pattern fits is sent on. */
export type PatternJoin = Readonly<{
  to: string;
  /** As httpd: what the path begins with stays as it comes out. */
  isGlued: boolean;
  query: 'keep' | 'append' | 'drop';
}>;

/** What groups of a pattern hold, by their number. */
export type GroupTexts = readonly (string | undefined)[];

/** Joins what a pattern fits; `query`: the client's. */
type Joiner = (
  path: AskedPath,
  fit: Fit,
  conditionGroups: GroupTexts,
  query: string,
) => Join | Readonly<{ problem: string }>;

/** Makes the join of a pattern ready. */
export function compilePatternJoin({ to, isGlued, query: mode }: PatternJoin): Joiner {
  const last = findLastGroup(to);
  const substitute = compileSubstitute(to, { isGlued });
  return (path, fit, conditionGroups, asked) => {
    const ruleGroups = readEncodedGroups(path, fit);
    const made = substitute(ruleGroups, conditionGroups);
    // `^/x(.*)$` to `/y$1` would make `/y/../z` of `/x/../z`, had that not been resolved; of `/x../z` it does.
    const read = readPath(made.path);
    if ('problem' in read) return read;
    if (read.path !== `/${made.path.replace(/^\/+/, '')}`)
      return { problem: 'what the pattern makes of the path holds dot segments' };
    const { end, memberPath } = findBase(
      path.raw,
      made.path,
      last === undefined ? undefined : ruleGroups[last],
    );
    const query = joinQuery(made.query, asked, mode);
    const toMember = (): string => made.path || '/';
    return { end, mapping: { memberPath, toMember, ...(query === undefined ? {} : { query }) } };
  };
}

/** The groups of a fit as the client has encoded them; raw bytes, which no encoder could tell from letters, become escapes. */
export function readEncodedGroups(path: AskedPath, { groups }: Fit): GroupTexts {
  const { rawIndex } = path.decoded();
  return Array.from(
    // The matcher asks for them.
    groups?.indices ?? [],
    // Of a group that took no part there is nothing, whatever the types say.
    (span: [number, number] | undefined) =>
      span && encodeBytes(path.raw.slice(rawIndex(span[0]), rawIndex(span[1]))),
  );
}

function encodeBytes(text: string): string {
  return text.replace(/[\u0080-\u00ff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Which group a target ends with: what it holds is then below the same place on both sides. */
function findLastGroup(to: string): number | undefined {
  const digit = /(?<!\\)\$(\d)$/.exec(to)?.[1];
  return digit === undefined || to.includes('?') ? undefined : Number(digit);
}

/**
 * What of the asked path, and of the sent one, stands before what they end with alike, as far as both are whole segments:
 * `/m7/a` sent as `/r/a` by `^/m7/(.*)$` is `/a` below `/m7`, and below `/r`. Where there is no such place, the root is.
 */
function findBase(
  asked: string,
  sent: string,
  rest: string | undefined,
): Readonly<{ end: number; memberPath: string }> {
  const nowhere = { end: 0, memberPath: '' };
  if (rest === undefined || !asked.endsWith(rest) || !sent.endsWith(rest)) return nowhere;
  const mount = asked.slice(0, asked.length - rest.length);
  const base = sent.slice(0, sent.length - rest.length);
  // A mount path is written into links: what browsers or members could read otherwise is none.
  if (/\\|%5c|%2f|;/i.test(mount) || base.startsWith('//')) return nowhere;
  const isMountWhole = !mount.endsWith('/');
  const isBaseWhole = !base.endsWith('/');
  if (rest === '' || rest.startsWith('/'))
    return isMountWhole && isBaseWhole ? { end: mount.length, memberPath: base } : nowhere;
  if (isMountWhole || isBaseWhole) return nowhere;
  return { end: mount.length - 1, memberPath: base.slice(0, -1) };
}

/** What becomes of the client's query; undefined: it stays. `own`: the target's. */
function joinQuery(own: string | undefined, asked: string, mode: PatternJoin['query']): string | undefined {
  if (own === undefined) return mode === 'drop' ? '' : undefined;
  if (mode !== 'append' || asked.length < 2) return own;
  return own === '' ? undefined : `${own}&${asked.slice(1)}`;
}
