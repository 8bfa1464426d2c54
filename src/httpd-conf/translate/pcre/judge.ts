import { refuse } from './refusal.ts';
import { branchesOf, hasNode, type Branches, type Node } from './tree.ts';

const mostNodes = 100_000;

/** Refuses what JavaScript would understand otherwise than PCRE, or what would take too long. */
export function judgePattern(branches: Branches): void {
  if (countNodes(branches) > mostNodes) {
    refuse('its repetitions multiply to more than 100 000 parts', 'write smaller numbers in braces', 0, 1);
  }
  judgeAll(branches);
  judgeReferences(branches, new Set());
  judgeNumbers(branches);
}

function countNodes(branches: Branches): number {
  let count = 1;
  for (const node of branches.flat()) {
    const times = node.kind === 'repeat' ? (node.max === Infinity ? node.min + 1 : Math.max(1, node.max)) : 1;
    count += times * countNodes(branchesOf(node));
  }
  return count;
}

function judgeAll(branches: Branches): void {
  for (const node of branches.flat()) {
    if (node.kind === 'repeat') judgeRepeat(node);
    if (node.kind === 'look' && node.opening.startsWith('(?<')) judgeLookbehind(node);
    judgeAll(branchesOf(node));
  }
}

function isCapture(node: Node): boolean {
  return (node.kind === 'group' && node.number !== undefined) || node.kind === 'atomic';
}

/** What a group has captured in an earlier round stays in PCRE, and is forgotten in JavaScript. */
function judgeRepeat({ node, max, at }: Extract<Node, { kind: 'repeat' }>): void {
  const body = [[node]];
  // PCRE ends a repetition with a round that matches nothing; JavaScript makes no such round.
  if (measure(node).min === 0 && hasNode(body, prefersNothing)) {
    refuse(
      'a repeated group that would rather match nothing ends otherwise in JavaScript',
      'write what is repeated so that it matches something',
      at,
    );
  }
  const captures = listCaptures(body);
  if (max <= 1 || captures.length === 0) return;
  const advice = 'write (?:…) for groups within the repetition whose text is not used';
  const sure = findSure(body);
  if (captures.some((number) => !sure.has(number))) {
    refuse('a group within a repetition that does not match in each round keeps an older text', advice, at);
  }
  if (measure(node).min === 0)
    refuse('a repeated group that can match nothing captures nothing in the end', advice, at);
}

function prefersNothing(node: Node): boolean {
  if (node.kind === 'repeat') return node.isLazy && node.min === 0;
  return branchesOf(node)
    .slice(0, -1)
    .some((branch) => measureSequence(branch).min === 0);
}

function judgeLookbehind({ branches, at }: Extract<Node, { kind: 'look' }>): void {
  if (hasNode(branches, (node) => isCapture(node) || node.kind === 'reference')) {
    refuse(
      'groups in a lookbehind capture otherwise in JavaScript',
      'write (?:…), which captures nothing',
      at,
      4,
    );
  }
  for (const branch of branches) {
    const { min, max } = measureSequence(branch);
    if (min !== max)
      refuse('a lookbehind must have one length', 'write it without *, +, ? and ranges', at, 4);
  }
}

/** A reference to a group that has not matched fails in PCRE, and matches nothing in JavaScript. */
function judgeReferences(branches: Branches, before: ReadonlySet<number>): void {
  for (const branch of branches) {
    const set = new Set(before);
    for (const node of branch) {
      if (node.kind === 'reference' && !set.has(node.group)) {
        refuse(
          `\\${node.group} refers to a group that may not have matched`,
          'write the alternatives out, each with its text',
          node.at,
          2,
        );
      }
      judgeReferences(branchesOf(node), set);
      for (const number of findSure([[node]])) set.add(number);
    }
  }
}

/** Groups that have matched whenever these branches have. */
function findSure(branches: Branches): ReadonlySet<number> {
  const [first, ...others] = branches.map((branch) => new Set(branch.flatMap((node) => [...sureOf(node)])));
  return new Set([...(first ?? [])].filter((number) => others.every((other) => other.has(number))));
}

function sureOf(node: Node): ReadonlySet<number> {
  switch (node.kind) {
    case 'group': {
      const sure = new Set(findSure(node.branches));
      return node.number === undefined ? sure : sure.add(node.number);
    }
    case 'atomic':
      return findSure(node.branches);
    case 'look':
      return node.opening.endsWith('!') ? new Set() : findSure(node.branches);
    case 'repeat':
      return node.min === 0 ? new Set() : sureOf(node.node);
    case 'letter':
    case 'any':
    case 'class':
    case 'anchor':
    case 'reference':
      return new Set();
  }
}

function listCaptures(branches: Branches): readonly number[] {
  return branches.flat().flatMap((node) => {
    const own = node.kind === 'group' && node.number !== undefined ? [node.number] : [];
    return [...own, ...listCaptures(branchesOf(node))];
  });
}

/** An atomic group becomes a group that captures: those after it would get other numbers. */
function judgeNumbers(branches: Branches): void {
  let atomicAt: number | undefined;
  const visit = (node: Node): void => {
    if (node.kind === 'atomic') atomicAt ??= node.at;
    if (node.kind === 'group' && node.number !== undefined && atomicAt !== undefined) {
      refuse(
        'an atomic group or possessive quantifier before a group that captures cannot be written in JavaScript',
        'write (?:…) for (?>…), and * + ? for *+ ++ ?+',
        atomicAt,
      );
    }
    branchesOf(node).flat().forEach(visit);
  };
  branches.flat().forEach(visit);
}

type Width = Readonly<{ min: number; max: number }>;

function measureSequence(nodes: readonly Node[]): Width {
  const widths = nodes.map(measure);
  return {
    min: widths.reduce((sum, { min }) => sum + min, 0),
    max: widths.reduce((sum, { max }) => sum + max, 0),
  };
}

function measure(node: Node): Width {
  switch (node.kind) {
    case 'letter':
      return { min: node.text.length, max: node.text.length };
    case 'any':
    case 'class':
      return { min: 1, max: 1 };
    case 'anchor':
    case 'look':
      return { min: 0, max: 0 };
    case 'reference':
      return { min: 0, max: Infinity };
    case 'group':
    case 'atomic': {
      const widths = node.branches.map(measureSequence);
      return {
        min: Math.min(...widths.map(({ min }) => min)),
        max: Math.max(...widths.map(({ max }) => max)),
      };
    }
    case 'repeat': {
      const { min, max } = measure(node.node);
      return { min: min * node.min, max: max === 0 || node.max === 0 ? 0 : max * node.max };
    }
  }
}
