import { replaceIn, type Line, type Replacement } from './line.ts';

/** Finds the value of a name; undefined: nobody has said. */
export type LookUp = (name: string) => string | undefined;

/** A line with `${NAME}` replaced, and the names that stay as they are. */
export type Resolved = Readonly<{ line: Line; unknown: readonly string[] }>;

/**
 * Puts in the values of `${NAME}` before the line is taken apart, as httpd does: a value with a blank in it is two
 * arguments, and what is put in is not looked at again. Undefined: the line grows beyond `longest`.
 */
export function resolveVariables(line: Line, lookUp: LookUp, longest: number): Resolved | undefined {
  const replacements: Replacement[] = [];
  const unknown = new Set<string>();
  let length = line.text.length;
  for (const { name, start, end } of findNames(line.text)) {
    const by = lookUp(name);
    if (by === undefined) {
      // mod_rewrite writes its maps like this: ${map:key}.
      if (!name.includes(':')) unknown.add(name);
      continue;
    }
    replacements.push({ start, end, by });
    length += by.length - (end - start);
    if (length > longest) return undefined;
  }
  return { line: replaceIn(line, replacements), unknown: [...unknown] };
}

type Name = Readonly<{ name: string; start: number; end: number }>;

function* findNames(text: string): Generator<Name, void, undefined> {
  for (let at = text.indexOf('${'); at !== -1;) {
    const close = text.indexOf('}', at);
    if (close === -1) return;
    yield { name: text.slice(at + 2, close), start: at, end: close + 1 };
    at = text.indexOf('${', close + 1);
  }
}
