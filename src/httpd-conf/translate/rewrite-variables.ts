import type { Fault } from '../../definition/problem.ts';
import type { Condition } from '../httpd-conf.ts';
import { isVariable } from '../mount/variables.ts';
import { printTemplate, type TemplatePiece } from '../mount/substitute-template.ts';

/** Why a template cannot be filled here; undefined: it can. */
export function findUnknown(pieces: readonly TemplatePiece[]): Fault | undefined {
  for (const piece of pieces) {
    if (piece.kind === 'map') {
      return { problem: 'RewriteMap is not known here', advice: 'write a rule for each of its entries' };
    }
    if (piece.kind === 'variable' && !isVariable(piece.name)) return stateUnknown(piece.name);
  }
  return undefined;
}

function stateUnknown(name: string): Fault {
  const problem = `%{${name}} is not known here`;
  const upper = name.toUpperCase();
  if (upper.startsWith('HTTP_')) {
    const header = upper
      .slice(5)
      .split('_')
      .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
      .join('-');
    return { problem: `%{${name}} is always empty in httpd`, advice: `write %{HTTP:${header}}` };
  }
  if (/^(?:DOCUMENT_ROOT|CONTEXT_.*|LA-[UF]:.*|SCRIPT_(?:USER|GROUP)|PATH_INFO)$/.test(upper)) {
    return { problem: `${problem}, since no files are served`, advice: 'mount express.static in front' };
  }
  return { problem, advice: 'ask in a middleware of the app in front' };
}

/** A template without variables, and the condition that makes groups of them. */
export type WithoutVariables = Readonly<{
  pieces: readonly TemplatePiece[];
  conditions: readonly Condition[];
}>;

/**
 * Mounts know groups, no variables: a last condition, which always holds, makes groups of all that a template needs of
 * variables and of the condition before.
 */
export function replaceVariables(pieces: readonly TemplatePiece[]): WithoutVariables | Fault {
  if (!pieces.some(({ kind }) => kind === 'variable')) return { pieces, conditions: [] };
  const needed = [...new Set(pieces.filter(isLooked).map((piece) => printTemplate([piece])))];
  if (needed.length > 9) {
    return {
      problem: 'it needs more than nine variables and groups',
      advice: 'write a rule with fewer of them',
    };
  }
  // No text of a request has a NUL in it.
  const matches = new RegExp(`^${needed.map(() => '([^\\0]*)').join('\\0')}$`);
  return {
    pieces: pieces.map((piece) =>
      isLooked(piece) ? { kind: 'condition', group: needed.indexOf(printTemplate([piece])) + 1 } : piece,
    ),
    conditions: [{ test: needed.join('\0'), matches }],
  };
}

function isLooked({ kind }: TemplatePiece): boolean {
  return kind === 'variable' || kind === 'condition';
}
