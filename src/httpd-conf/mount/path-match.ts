import { mergeSlashes, type AskedPath } from './asked-path.ts';
import { readEscape } from './decode.ts';
import { execPattern } from '../../patterns/exec-pattern.ts';

/** Where a mount's `at` fits a path. */
export type Fit = Readonly<{
  /** Where in the path as it is sent on the part ends that `at` stands for. */
  end: number;
  /** Of a pattern: its groups, and where they stand in the decoded path. */
  groups: RegExpExecArray | undefined;
}>;

/** Tells where a path fits; undefined: it does not. */
export type Matcher = (path: AskedPath) => Fit | undefined;

const slash = 0x2f;

/** Makes a prefix or a pattern ready to be matched. `negated`: it must not fit, so that there are no groups. */
export function compileMatcher(at: string | RegExp, negated = false): Matcher {
  const match = typeof at === 'string' ? compilePrefix(at) : compilePattern(at);
  if (!negated) return match;
  return (path) => (match(path) ? undefined : { end: 0, groups: undefined });
}

function compilePrefix(at: string): Matcher {
  const prefix = Buffer.from(mergeSlashes(at));
  return ({ raw }) => {
    const end = findPrefixEnd(raw, prefix);
    return end === undefined ? undefined : { end, groups: undefined };
  };
}

/**
 * httpd's prefix match on the decoded path: byte for byte, and up to where a segment ends. A prefix that ends in a slash
 * wants one in the path too. An encoded slash is no slash. Slashes of both are merged. Answers where the prefix ends in
 * the path as it is encoded.
 */
function findPrefixEnd(path: string, prefix: Uint8Array): number | undefined {
  let at = 0;
  for (const wanted of prefix) {
    const escaped = readEscape(path, at);
    // A slash is only ever written as one: readEscape leaves an encoded one alone, and `%` is then no slash.
    if ((escaped ?? path.charCodeAt(at)) !== wanted) return undefined;
    at += escaped === undefined ? 1 : 3;
  }
  if (prefix[prefix.length - 1] === slash) return at;
  return at === path.length || path.charCodeAt(at) === slash ? at : undefined;
}

function compilePattern(at: RegExp): Matcher {
  // With indices, so that what a group holds can be sent on as the client has encoded it.
  const pattern = new RegExp(at.source, `${at.flags.replace('d', '')}d`);
  return (path) => {
    const decoded = path.decoded();
    const groups = execPattern(pattern, decoded.text);
    if (groups === null) return undefined;
    return { end: decoded.rawIndex(groups.index + groups[0].length), groups };
  };
}
