import { encodeText } from './encode-target.ts';
import { parseTemplate, type Groups } from './substitute-template.ts';

/** Puts groups into a Set-Cookie value. */
export type FillCookie = (ruleGroups: Groups, conditionGroups: Groups) => string;

/** Makes a Set-Cookie value ready for groups; whatever they hold, it is no attribute and no header of its own. */
export function compileCookie(template: string): FillCookie {
  const pieces = parseTemplate(template);
  return (ruleGroups, conditionGroups) =>
    pieces
      .map((piece) => {
        switch (piece.kind) {
          case 'text':
            return piece.text.replace(/[^ -~]+/gu, encodeText);
          case 'rule':
            return encodeValue(ruleGroups[piece.group]);
          case 'condition':
            return encodeValue(conditionGroups[piece.group]);
          // The translation has made groups of variables; a cookie that is written by hand has none.
          case 'variable':
          case 'map':
            return '';
        }
      })
      .join('');
}

/** RFC 6265 4.1.1: what is no cookie-octet is encoded. */
function encodeValue(text = ''): string {
  return text.replace(/[^!#-+\--:<-[\]-~]+/gu, encodeText);
}
