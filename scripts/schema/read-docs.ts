import ts from 'typescript';
import type { JsonSchema } from './json-schema.ts';

/** What the docstring of an option or a type says, and the default that it names. */
export function readDocs(node: ts.Node): Pick<JsonSchema, 'description' | 'default'> {
  const comment = ts
    .getJSDocCommentsAndTags(node)
    .filter((each) => ts.isJSDoc(each))
    .map((each) => ts.getTextOfJSDocComment(each.comment))
    .at(-1);
  if (comment === undefined) return {};
  const description = comment.replaceAll(/\s*\n\s*/g, ' ').trim();
  const value = readDefault(description);
  return value === undefined ? { description } : { description, default: value };
}

/** The value of `Default: 65536.`, as JSON has it; what takes words to say is left to the description. */
function readDefault(description: string): unknown {
  const [, text] = /\bDefault: (.+)\.$/.exec(description) ?? [];
  if (text === undefined) return undefined;
  const [, quoted] = /^`'(.*)'`$/.exec(text) ?? [];
  if (quoted !== undefined) return quoted;
  const [, seconds] = /^(\d+) s$/.exec(text) ?? [];
  if (seconds !== undefined) return `${seconds}s`;
  const [, flag] = /^(true|false)\b/.exec(text) ?? [];
  if (flag !== undefined) return flag === 'true';
  return /^-?\d+(?:\.\d+)?(?=$|,)/.test(text) ? Number(/^[-\d.]+/.exec(text)![0]) : undefined;
}
