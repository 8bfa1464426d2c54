import { foldRange, hasCase } from './ranges.ts';
import { hasNode, isLetter, type Branches, type ClassItem, type Node } from './tree.ts';

/** A pattern of JavaScript. */
export type Printed = Readonly<{ source: string; flags: string }>;

/** Prints a judged tree. `groups`: how many of its groups capture. */
export function printPattern(branches: Branches, groups: number): Printed {
  const isCased = hasNode(branches, (node) => caseOf(node) === 'cased');
  const isCaseless = hasNode(branches, (node) => caseOf(node) === 'caseless');
  const context = { unfolds: isCased && isCaseless, nextGroup: groups + 1 };
  const source = printBranches(branches, context);
  const dots = hasNode(branches, ({ kind }) => kind === 'any') ? 's' : '';
  return { source, flags: `${isCaseless && !isCased ? 'i' : ''}${dots}` };
}

/** `unfolds`: both cases are written out, since `(?i)` holds for a part only. `nextGroup`: number of the next added group. */
type Context = { readonly unfolds: boolean; nextGroup: number };

/** Whether case matters to a node, and is minded. */
function caseOf(node: Node): 'cased' | 'caseless' | undefined {
  switch (node.kind) {
    case 'letter':
      return isLetter(node.text.charCodeAt(0)) ? nameCase(node) : undefined;
    case 'class':
      return node.items.some((item) => typeof item !== 'string' && hasCase(item))
        ? nameCase(node)
        : undefined;
    case 'reference':
      return nameCase(node);
    case 'any':
    case 'anchor':
    case 'group':
    case 'look':
    case 'atomic':
    case 'repeat':
      return undefined;
  }
}

function nameCase({ isCaseless }: Readonly<{ isCaseless: boolean }>): 'cased' | 'caseless' {
  return isCaseless ? 'caseless' : 'cased';
}

function printBranches(branches: Branches, context: Context): string {
  return branches.map((branch) => printSequence(branch, context)).join('|');
}

function printSequence(nodes: readonly Node[], context: Context): string {
  let source = '';
  for (const [i, node] of nodes.entries()) {
    const printed = printNode(node, context);
    // `\1` before a digit would be another reference.
    const isAmbiguous = nodes[i - 1]?.kind === 'reference' && /^\d/.test(printed);
    source += isAmbiguous ? `(?:${printed})` : printed;
  }
  return source;
}

function printNode(node: Node, context: Context): string {
  switch (node.kind) {
    case 'letter':
      return printLetter(node, context);
    case 'any':
      return '.';
    case 'class':
      return printClass(node, context);
    case 'anchor':
      return node.source;
    case 'reference':
      return `\\${node.group}`;
    case 'group':
      return `(${openGroup(node)}${printBranches(node.branches, context)})`;
    case 'look':
      return `${node.opening}${printBranches(node.branches, context)})`;
    case 'atomic': {
      // A lookahead gives nothing back either; what it has seen is then matched by reference.
      const number = context.nextGroup++;
      return `(?:(?=(${printBranches(node.branches, context)}))\\${number})`;
    }
    case 'repeat':
      return `${printRepeated(node.node, context)}${printQuantifier(node)}`;
  }
}

function openGroup({ number, name }: Extract<Node, { kind: 'group' }>): string {
  if (number === undefined) return '?:';
  return name === undefined ? '' : `?<${name}>`;
}

function printLetter({ text, isCaseless }: Extract<Node, { kind: 'letter' }>, { unfolds }: Context): string {
  if (unfolds && isCaseless && isLetter(text.charCodeAt(0))) {
    return `[${text.toLowerCase()}${text.toUpperCase()}]`;
  }
  if (text.length > 1) return text;
  return /[\\^$.*+?()[\]{}|]/.test(text) ? `\\${text}` : printCode(text.charCodeAt(0));
}

function printClass(
  { items, isNegated, isCaseless }: Extract<Node, { kind: 'class' }>,
  { unfolds }: Context,
): string {
  const [only] = items;
  if (items.length === 1 && !isNegated && typeof only === 'string') return only;
  const all = unfolds && isCaseless ? items.flatMap(foldItem) : items;
  return `[${isNegated ? '^' : ''}${all.map(printItem).join('')}]`;
}

function foldItem(item: ClassItem): readonly ClassItem[] {
  return typeof item === 'string' ? [item] : foldRange(item);
}

function printItem(item: ClassItem): string {
  if (typeof item === 'string') return item;
  const { from, to } = item;
  if (from === to) return printInClass(from);
  return `${printInClass(from)}${to === from + 1 ? '' : '-'}${printInClass(to)}`;
}

function printInClass(code: number): string {
  const letter = String.fromCharCode(code);
  return /[\\\]^-]/.test(letter) ? `\\${letter}` : printCode(code);
}

const named: ReadonlyMap<number, string> = new Map([
  [9, '\\t'],
  [10, '\\n'],
  [11, '\\v'],
  [12, '\\f'],
  [13, '\\r'],
]);

function printCode(code: number): string {
  const name = named.get(code);
  if (name !== undefined) return name;
  const letter = String.fromCharCode(code);
  if (/[ -~]|[\p{L}\p{M}\p{N}]/u.test(letter)) return letter;
  const digits = code.toString(16);
  return code < 0x100 ? `\\x${digits.padStart(2, '0')}` : `\\u${digits.padStart(4, '0')}`;
}

function printRepeated(node: Node, context: Context): string {
  const printed = printNode(node, context);
  const isOne = node.kind === 'letter' ? node.text.length === 1 : node.kind !== 'repeat';
  return isOne ? printed : `(?:${printed})`;
}

function printQuantifier({ min, max, isLazy }: Extract<Node, { kind: 'repeat' }>): string {
  const lazy = isLazy ? '?' : '';
  if (max === Infinity && min < 2) return `${min === 0 ? '*' : '+'}${lazy}`;
  if (min === 0 && max === 1) return `?${lazy}`;
  if (min === max) return `{${min}}${lazy}`;
  return `{${min},${max === Infinity ? '' : max}}${lazy}`;
}
