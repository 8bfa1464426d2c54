/** What a pattern consists of. `isCaseless`: `(?i)` holds where it stands. */
export type Node =
  | Readonly<{ kind: 'letter'; text: string; isCaseless: boolean }>
  /** Any character, line feeds included, as httpd has it (RegexDefaultOptions). */
  | Readonly<{ kind: 'any' }>
  | Readonly<{ kind: 'class'; isNegated: boolean; items: readonly ClassItem[]; isCaseless: boolean }>
  /** A place between characters, ready to print. */
  | Readonly<{ kind: 'anchor'; source: string }>
  | Readonly<{ kind: 'reference'; group: number; isCaseless: boolean; at: number }>
  /** `number`: it captures. */
  | Readonly<{ kind: 'group'; number: number | undefined; name: string | undefined; branches: Branches }>
  | Readonly<{ kind: 'look'; opening: LookOpening; branches: Branches; at: number }>
  /** What it has matched is never given back. */
  | Readonly<{ kind: 'atomic'; branches: Branches; at: number }>
  | Readonly<{ kind: 'repeat'; node: Node; min: number; max: number; isLazy: boolean; at: number }>;

/** Alternatives, each a sequence. */
export type Branches = readonly (readonly Node[])[];

export type LookOpening = '(?=' | '(?!' | '(?<=' | '(?<!';

/** Code units from, to; or a shorthand that means the same in JavaScript. */
export type ClassItem = Readonly<{ from: number; to: number }> | '\\d' | '\\D' | '\\w' | '\\W';

/** Whether a code unit is an ASCII letter; PCRE as httpd uses it knows no other case. */
export function isLetter(code: number): boolean {
  return (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
}

/** The nodes right within a node. */
export function branchesOf(node: Node): Branches {
  switch (node.kind) {
    case 'group':
    case 'look':
    case 'atomic':
      return node.branches;
    case 'repeat':
      return [[node.node]];
    case 'letter':
    case 'any':
    case 'class':
    case 'anchor':
    case 'reference':
      return [];
  }
}

/** Whether one of the nodes, or one within them, is such a one. */
export function hasNode(branches: Branches, isSuch: (node: Node) => boolean): boolean {
  return branches.some((branch) => branch.some((node) => isSuch(node) || hasNode(branchesOf(node), isSuch)));
}
