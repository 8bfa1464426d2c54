import { isFault, type Fault } from '../../definition/problem.ts';
import type { Argument, Section } from './directive.ts';
import { replaceIn, type Line, type Replacement } from './line.ts';
import { limits } from './limits.ts';
import type { Macro } from './reading.ts';

/** What a `<Macro name $parameter …>` declares. */
export function declareMacro({ args, place }: Section): Omit<Macro, 'lines'> | Fault {
  const [name, ...rest] = args;
  if (!name?.text) return { problem: 'the macro has no name', advice: 'write <Macro Name $parameter>' };
  // Flags that only silence httpd's warnings.
  const parameters = rest
    .map(({ text }) => text)
    .filter((text) => !/^\/Ignore(?:EmptyArgs|BadNesting)$/i.test(text));
  if (parameters.length > limits.parameters) {
    return {
      problem: `the macro has ${parameters.length} parameters`,
      advice: `declare at most ${limits.parameters}`,
    };
  }
  const [twice] = parameters.filter((parameter, i) => parameters.indexOf(parameter) !== i);
  if (twice !== undefined)
    return { problem: `two parameters are called ${twice}`, advice: 'give each its own name' };
  if (parameters.includes('')) return { problem: 'a parameter has no name', advice: 'write it as $name' };
  return { name: name.text, where: `${place.file}:${place.line}`, parameters };
}

/** The lines of a macro with the values put in; a fault when they become longer than `longest`. */
export function expandMacro(
  macro: Macro,
  values: readonly Argument[],
  longest: number,
): readonly Line[] | Fault {
  const { name, parameters, where } = macro;
  if (values.length !== parameters.length) {
    const takes = parameters.length === 0 ? 'no values' : `a value each for ${parameters.join(' ')}`;
    return {
      problem: `${values.length} values are given to macro ${name}`,
      advice: `it takes ${takes} (${where})`,
    };
  }
  if (parameters.length === 0) return macro.lines;
  const table = new Map(parameters.map((parameter, i) => [parameter, putIn(parameter, values[i]!.text)]));
  const pattern = findAnyOf(parameters);
  const lines: Line[] = [];
  for (const line of macro.lines) {
    const expanded = expandLine(line, pattern, table, longest);
    if (isFault(expanded)) return expanded;
    lines.push(expanded);
  }
  return lines;
}

function expandLine(
  line: Line,
  pattern: RegExp,
  table: ReadonlyMap<string, string>,
  longest: number,
): Line | Fault {
  const replacements: Replacement[] = [];
  let length = line.text.length;
  for (const { 0: parameter, index } of line.text.matchAll(pattern)) {
    const by = table.get(parameter)!;
    replacements.push({ start: index, end: index + parameter.length, by });
    length += by.length - parameter.length;
    if (length > longest) {
      return {
        problem: `a line of the macro becomes longer than ${longest} characters`,
        advice: 'write shorter values',
      };
    }
  }
  const expanded = replaceIn(line, replacements);
  return { ...expanded, written: expanded.text };
}

/** A parameter that begins with @ is put in as one word. */
function putIn(parameter: string, value: string): string {
  return parameter.startsWith('@') ? `"${value.replace(/[\\"]/g, '\\$&')}"` : value;
}

/** Of parameters that begin alike, the longest one is meant. */
function findAnyOf(parameters: readonly string[]): RegExp {
  const longestFirst = parameters.toSorted((a, b) => b.length - a.length);
  return new RegExp(longestFirst.map((parameter) => parameter.replace(/[^\w\s]/g, '\\$&')).join('|'), 'g');
}
