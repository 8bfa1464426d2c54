/** Text that is markup already. */
export type Html = Readonly<{ html: string }>;

type Piece = string | number | Html | readonly Html[] | undefined;

/** Markup with values in it; whatever is not markup already is escaped. */
export function html(markup: TemplateStringsArray, ...values: readonly Piece[]): Html {
  return { html: markup.map((text, i) => text + render(values[i])).join('') };
}

function render(piece: Piece): string {
  if (piece === undefined) return '';
  if (typeof piece === 'string' || typeof piece === 'number') return escape(String(piece));
  return 'html' in piece ? piece.html : piece.map(render).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
