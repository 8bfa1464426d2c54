import { quote } from '../../../definition/describe.ts';
import type { Parsing } from './parse.ts';
import { peek, readBy } from './reader.ts';
import { refuse } from './refusal.ts';
import type { Node } from './tree.ts';

/** Reads a reference to a group, its backslash being read, if it is one. */
export function readReference(parsing: Parsing, isCaseless: boolean, at: number): Node | undefined {
  const { reader } = parsing;
  const number = readNumber(parsing) ?? readNamed(parsing, at);
  if (number === undefined) return undefined;
  return { kind: 'reference', group: judgeGroup(parsing, number, at, reader.at - at), isCaseless, at };
}

/** The number of a group that is closed, or a refusal. */
export function judgeGroup({ closed, groups }: Parsing, number: number, at: number, length: number): number {
  if (closed.has(number)) return number;
  const problem =
    number >= 1 && number <= groups
      ? `group ${number} is not closed yet where it is referred to`
      : `there is no group ${number} in front of it`;
  refuse(problem, 'write a reference behind the group that it means', at, length);
}

/** The number of a named group. */
export function judgeName({ names }: Parsing, name: string, at: number, length: number): number {
  return (
    names.get(name) ??
    refuse(
      `there is no group ${quote(name)} in front of it`,
      'write the name of a group before it',
      at,
      length,
    )
  );
}

/** `\1`; from `\10` on only where there are so many groups, else it is a character in octal. */
function readNumber({ reader, groups }: Parsing): number | undefined {
  const start = reader.at;
  const digits = readBy(reader, /[1-9]\d{0,2}/y)?.[0];
  if (digits === undefined) return undefined;
  const number = Number(digits);
  if (number < 10 || number <= groups) return number;
  if (/[89]/.test(digits[0]!))
    refuse(`there is no group ${digits}`, 'write the number of a group', start - 1, 3);
  reader.at = start;
  return undefined;
}

/** `\g1`, `\g{-1}`, `\g{name}`, `\k<name>`, `\k'name'`, `\k{name}`. */
function readNamed(parsing: Parsing, at: number): number | undefined {
  const { reader, groups } = parsing;
  const letter = peek(reader);
  if (letter !== 'g' && letter !== 'k') return undefined;
  const match =
    letter === 'g'
      ? readBy(reader, /g(?:\{([\w+-]+)\}|(-?\d+))/y)
      : readBy(reader, /k(?:\{(\w+)\}|<(\w+)>|'(\w+)')/y);
  if (!match) {
    refuse(
      `\\${letter} needs a ${letter === 'g' ? 'number' : 'name'}`,
      `write \\${letter === 'g' ? 'g{1}' : 'k<name>'}`,
      at,
      2,
    );
  }
  const name = match[1] ?? match[2] ?? match[3]!;
  if (/^\d+$/.test(name)) return Number(name);
  if (/^-\d+$/.test(name)) return groups + 1 + Number(name);
  return judgeName(parsing, name, at, reader.at - at);
}
