/** What may stand in a template: texts are escaped, HTML is not, nothing is nothing. */
export type Content = string | number | Html | undefined | false | readonly Content[];

// A class with a private part: no text from outside, whatever its shape, can pass for HTML.
class Markup {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  static print(markup: Markup): string {
    return markup.#text;
  }
}

/** A piece of HTML; only `html` makes it. */
export type Html = Markup;

/**
 * Makes HTML from a template. Every text is escaped, for content and for attributes in double quotes alike; an attribute
 * without quotes, a script or a style must not hold one.
 */
export function html(strings: TemplateStringsArray, ...contents: readonly Content[]): Html {
  const pieces = tidy(strings);
  let text = pieces[0]!;
  for (let i = 0; i < contents.length; i += 1) text += print(contents[i]) + pieces[i + 1]!;
  return new Markup(text);
}

/** The text of a piece of HTML. */
export function printHtml(markup: Html): string {
  return Markup.print(markup);
}

/** A text so that it is nothing but text in HTML. */
export function escapeHtml(text: string): string {
  if (!special.test(text)) return text;
  return text.toWellFormed().replace(all, (letter) => entities[letter] ?? '\ufffd');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  // Old browsers took it for a quote.
  '`': '&#96;',
};

// Control characters mean nothing in HTML, and those that turn the direction of writing make a text read like another one.
const specialLetters =
  '[&<>"\'`\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u202a-\\u202e\\u2066-\\u2069\\ud800-\\udfff]';
const special = new RegExp(specialLetters);
const all = new RegExp(specialLetters, 'gu');

const tidied = new WeakMap<TemplateStringsArray, readonly string[]>();

/** Without the line breaks and the indentation that are there for the source's reader. */
function tidy(strings: TemplateStringsArray): readonly string[] {
  const known = tidied.get(strings);
  if (known) return known;
  const pieces = strings.map((piece) => piece.replace(/>\s*\n\s*</g, '><').replace(/\s*\n\s*/g, ' '));
  tidied.set(strings, pieces);
  return pieces;
}

function print(content: Content): string {
  if (typeof content === 'string') return escapeHtml(content);
  if (typeof content === 'number') return String(content);
  if (content === undefined || content === false) return '';
  if (content instanceof Markup) return Markup.print(content);
  let text = '';
  for (const each of content) text += print(each);
  return text;
}
