/** The groups of a pattern that has matched; those that took no part are undefined. */
export type Groups = readonly (string | undefined)[];

/** A piece of a template. */
export type TemplatePiece =
  | Readonly<{ kind: 'text'; text: string }>
  /** `$1`: a group of the rule's pattern. */
  | Readonly<{ kind: 'rule'; group: number }>
  /** `%1`: a group of the last condition that matched. */
  | Readonly<{ kind: 'condition'; group: number }>
  /** `%{HTTP_HOST}`. */
  | Readonly<{ kind: 'variable'; name: string }>
  /** `${map:key}`: not looked up here. */
  | Readonly<{ kind: 'map'; text: string }>;

/** Takes a template apart as mod_rewrite's do_expand does: a backslash takes its meaning from any character. */
export function parseTemplate(template: string): readonly TemplatePiece[] {
  const pieces: TemplatePiece[] = [];
  let text = '';
  const add = (piece: TemplatePiece): void => {
    if (text !== '') pieces.push({ kind: 'text', text });
    text = '';
    pieces.push(piece);
  };
  for (let at = 0; at < template.length;) {
    const character = template[at]!;
    const next = template[at + 1];
    if (character === '\\' && next !== undefined) {
      text += next;
      at += 2;
    } else if ((character === '$' || character === '%') && next !== undefined && /^\d$/.test(next)) {
      add({ kind: character === '$' ? 'rule' : 'condition', group: Number(next) });
      at += 2;
    } else if ((character === '$' || character === '%') && next === '{') {
      const end = findClosingCurly(template, at + 2);
      const inner = end === undefined ? undefined : template.slice(at + 2, end);
      if (end === undefined || inner === undefined) {
        text += character;
        at += 1;
      } else {
        add(character === '%' ? { kind: 'variable', name: inner } : { kind: 'map', text: `\${${inner}}` });
        at = end + 1;
      }
    } else {
      text += character;
      at += 1;
    }
  }
  if (text !== '') pieces.push({ kind: 'text', text });
  return pieces;
}

function findClosingCurly(text: string, from: number): number | undefined {
  let depth = 1;
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '{') depth += 1;
    else if (text[at] === '}') depth -= 1;
    if (depth === 0) return at;
  }
  return undefined;
}

/** The template whose pieces these are. */
export function printTemplate(pieces: readonly TemplatePiece[]): string {
  return pieces.map(printPiece).join('');
}

function printPiece(piece: TemplatePiece): string {
  switch (piece.kind) {
    case 'text':
      return piece.text.replace(/[\\$%]/g, '\\$&');
    case 'rule':
      return `$${piece.group}`;
    case 'condition':
      return `%${piece.group}`;
    case 'variable':
      return `%{${piece.name}}`;
    case 'map':
      return piece.text;
  }
}
