import { types } from 'node:util';
import { group, indent, join, lastComma, line, softline, type Doc } from './layout.ts';
import { printRegExp } from './print-reg-exp.ts';
import { printText } from './print-text.ts';

/**
 * A member of an object, or an element of a list or a member that is called as its value is; with comments above it, each
 * of one line.
 */
export type Entry = Readonly<{ key?: string; value: Doc; comments?: readonly string[] }>;

/** What a function is called, which stands elsewhere in the module. */
export type NameOf = (value: object) => string;

/** A value as an expression. What is undefined is left out of objects. */
export function printValue(value: unknown, nameOf: NameOf): Doc {
  if (typeof value === 'string') return printText(value);
  if (typeof value === 'number') return printNumber(value);
  if (typeof value === 'boolean' || value === null || value === undefined) return String(value);
  if (types.isRegExp(value)) return printPattern(value);
  if (typeof value === 'function') return nameOf(value);
  if (Array.isArray(value)) return printList(value, nameOf);
  if (typeof value === 'object') return printRecord(value, nameOf);
  throw new TypeError(`a ${typeof value} cannot be written as TypeScript`);
}

/** `{ key: value, … }`. `isBroken`: a line for each. */
export function printObject(entries: readonly Entry[], isBroken = false): Doc {
  if (entries.length === 0) return '{}';
  const hasComments = entries.some(({ comments = [] }) => comments.length > 0);
  const members = entries.map(({ key, value, comments = [] }) => [
    comments.map((text) => [text, line]),
    key === undefined ? value : printMember(key, value),
  ]);
  return group(
    ['{', indent([line, join(members, [',', line])]), lastComma, line, '}'],
    isBroken || hasComments,
  );
}

/** `[element, …]`, a line for each where there are comments. */
export function printArray(entries: readonly Entry[], isBroken = false): Doc {
  if (entries.length === 0) return '[]';
  const hasComments = entries.some(({ comments = [] }) => comments.length > 0);
  const elements = entries.map(({ value, comments = [] }) => [comments.map((text) => [text, line]), value]);
  return group(
    ['[', indent([softline, join(elements, [',', line])]), lastComma, softline, ']'],
    isBroken || hasComments,
  );
}

/** `call(argument, …)`, as prettier breaks it where the last argument is no object. */
export function printCall(name: string, args: readonly Doc[]): Doc {
  return group([name, '(', indent([softline, join(args, [',', line])]), lastComma, softline, ')']);
}

function printMember(key: string, value: Doc): Doc {
  const name = printKey(key);
  // An initializer of this name would set the prototype.
  if (key === '__proto__') return printAssignment(`[${name}]:`, value);
  return printAssignment(`${name}:`, value);
}

/** Prettier breaks the line neither behind a short key nor before a plain number. */
function printAssignment(head: string, value: Doc): Doc {
  const isPlain = typeof value === 'string' && /^(?:\d|true$|false$)/.test(value);
  return isPlain || head.length - 1 < 5 ? [head, ' ', value] : [head, { kind: 'behind', doc: value }];
}

function printKey(key: string): string {
  return /^[\p{L}_$][\p{L}\d_$]*$/u.test(key) && !/[^\0-\u024f]/.test(key) && key !== '__proto__'
    ? key
    : printText(key);
}

function printNumber(value: number): string {
  return String(value).replace('e+', 'e');
}

function printPattern(pattern: RegExp): Doc {
  const printed = printRegExp(pattern);
  return typeof printed === 'string' ? printed : printCall('new RegExp', printed);
}

function printList(values: readonly unknown[], nameOf: NameOf): Doc {
  if (values.length > 1 && values.every(isFinite)) {
    const texts = values.map((value, i) => `${printNumber(value)}${i < values.length - 1 ? ',' : ''}`);
    return group(['[', indent([softline, { kind: 'fill', texts }]), lastComma, softline, ']']);
  }
  return printArray(
    values.map((value) => ({ value: printValue(value, nameOf) })),
    values.length > 1 && values.every((value) => sizeOf(value) > 1 && isSameKind(value, values[0])),
  );
}

function printRecord(value: object, nameOf: NameOf): Doc {
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return printObject(entries.map(([key, each]) => ({ key, value: printValue(each, nameOf) })));
}

function isFinite(value: unknown): value is number {
  return Number.isFinite(value);
}

/** Prettier gives each of several objects with several members a line of its own, and so of lists. */
function sizeOf(value: unknown): number {
  if (Array.isArray(value)) return value.length;
  if (typeof value !== 'object' || value === null || types.isRegExp(value)) return 0;
  return Object.values(value).filter((each) => each !== undefined).length;
}

function isSameKind(one: unknown, other: unknown): boolean {
  return Array.isArray(one) === Array.isArray(other);
}
