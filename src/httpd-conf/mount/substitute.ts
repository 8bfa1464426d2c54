import { encodeText } from './encode-target.ts';
import { parseTemplate, type Groups, type TemplatePiece } from './substitute-template.ts';

/** Where a template leads: path and query apart, percent-encoded; the query with its `?`, undefined where the template has none. */
export type Substitution = Readonly<{ path: string; query: string | undefined }>;

export type SubstituteOptions = Readonly<{
  /** The path is left as it comes out, as httpd does it: with no slash, or several, at its start. Default: false. */
  isGlued?: boolean;
}>;

/** Puts groups into a target; `ruleGroups`: as the client has encoded them; `conditionGroups`: text of any kind. */
export type Substitute = (ruleGroups: Groups, conditionGroups: Groups) => Substitution;

/**
 * Makes a target ready for groups. What they hold begins no query and no fragment, and nothing before the path; dot segments
 * that come about are for `readPath` to find. Without `isGlued` the path begins with exactly one slash.
 */
export function compileSubstitute(template: string, { isGlued = false }: SubstituteOptions = {}): Substitute {
  const pieces = parseTemplate(template);
  return (ruleGroups, conditionGroups) => fill(pieces, ruleGroups, conditionGroups, isGlued);
}

function fill(
  pieces: readonly TemplatePiece[],
  ruleGroups: Groups,
  conditionGroups: Groups,
  isGlued: boolean,
): Substitution {
  let path = '';
  let query: string | undefined;
  for (const piece of pieces) {
    switch (piece.kind) {
      case 'text': {
        const mark = query === undefined ? piece.text.indexOf('?') : -1;
        if (query !== undefined) query += encodeQuery(piece.text);
        else if (mark === -1) path += encodePath(piece.text, true);
        else {
          path += encodePath(piece.text.slice(0, mark), true);
          query = encodeQuery(piece.text.slice(mark + 1));
        }
        break;
      }
      case 'rule': {
        const text = ruleGroups[piece.group] ?? '';
        if (query === undefined) path += encodePath(text, true);
        else query += encodeValue(text);
        break;
      }
      case 'condition': {
        const text = conditionGroups[piece.group] ?? '';
        // In a path httpd takes a % of theirs for a %: what is decoded already is not to be decoded once more.
        if (query === undefined) path += encodePath(text, false);
        else query += encodeQuery(text);
        break;
      }
      // The translation has made groups of variables; a target that is written by hand has none.
      case 'variable':
      case 'map':
        break;
    }
  }
  return {
    path: isGlued ? path : `/${path.replace(/^\/+/, '')}`,
    query: query === undefined ? undefined : withMark(query.replace(/&$/, '')),
  };
}

/** httpd's canonical path: letters, digits and these stay. `keepsEscapes`: so does what is encoded already. */
function encodePath(text: string, keepsEscapes: boolean): string {
  return encodeOthers(text, /[^\w~$\-.+!*'(),;:@&=/]+/gu, keepsEscapes);
}

/** A part of a query that is one: only what can stand in none is encoded. */
function encodeQuery(text: string): string {
  return encodeOthers(text, /[^!$-~]+|[%<>]/gu, true);
}

/** Text of a path within a query: it begins no parameter of its own, and a plus stays one. */
function encodeValue(text: string): string {
  return encodeOthers(text, /[^\w~$\-.!*'(),:@=/]+/gu, true);
}

function encodeOthers(text: string, others: RegExp, keepsEscapes: boolean): string {
  if (!keepsEscapes || !text.includes('%')) return text.replace(others, encodeText);
  return text
    .split(/(%[\da-f]{2})/i)
    .map((part, i) => (i % 2 === 1 ? part : part.replace(others, encodeText)))
    .join('');
}

/** httpd: no query rather than an empty one. */
function withMark(query: string): string {
  return query === '' ? '' : `?${query}`;
}
