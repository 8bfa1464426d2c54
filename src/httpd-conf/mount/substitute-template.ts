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
  const pairs = pairCurlies(template);
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
      const end = pairs.get(at + 1);
      if (end === undefined) {
        text += character;
        at += 1;
      } else {
        const inner = template.slice(at + 2, end);
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

/** Where each curly bracket that is closed is closed, by where it stands. */
function pairCurlies(text: string): ReadonlyMap<number, number> {
  const pairs = new Map<number, number>();
  const open: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '{') open.push(at);
    else if (text[at] === '}' && open.length > 0) pairs.set(open.pop()!, at);
  }
  return pairs;
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
