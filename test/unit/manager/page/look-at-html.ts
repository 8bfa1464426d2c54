/** A tag in a text of HTML: `div`, `/div`, with its attributes. */
export type Tag = Readonly<{ name: string; attributes: ReadonlyMap<string, string> }>;

/**
 * The tags of a page, in order. Throws where anything stands that the templates cannot have written: an attribute without
 * quotes, a bracket or a quote that was not escaped.
 */
export function readTags(markup: string): readonly Tag[] {
  const tags: Tag[] = [];
  const rest = markup
    .replace(/^<!doctype html>/, '')
    .replace(
      /<(\/?[a-z][a-z\d]*)((?:\s+[a-z-]+(?:="[^"<>]*")?)*)\s*\/?>/g,
      (_, name: string, inside: string) => {
        const attributes = [...inside.matchAll(/([a-z-]+)(?:="([^"]*)")?/g)];
        tags.push({ name, attributes: new Map(attributes.map(([, key, value]) => [key!, value ?? ''])) });
        return ' ';
      },
    );
  const odd = /.{0,40}[<>"'`].{0,40}/s.exec(rest);
  if (odd) throw new Error(`not escaped: ${odd[0]}`);
  return tags;
}

/** What a page consists of: its tags and the names of their attributes. */
export function outline(markup: string): readonly string[] {
  return readTags(markup).map(({ name, attributes }) => [name, ...attributes.keys()].join(' '));
}
