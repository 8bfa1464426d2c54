import { types } from 'node:util';

const longest = 60;

/** A value that could not be read: a getter or a proxy has thrown. */
export const unreadable = Symbol('unreadable');

/**
 * A value in a few words for an error message. Calls nothing that belongs to the value, so a hostile one cannot
 * throw or hang here, and shows neither the user part of a URL nor a PEM text.
 */
export function describe(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'boolean' || value === null) return String(value);
  if (typeof value === 'bigint') return shorten(`${String(value)}n`);
  if (isRegExp(value)) return shorten(printRegExp(value));
  if (isArray(value) && value.length <= 5 && value.every(isPrimitive)) {
    return shorten(`[${value.map(describe).join(', ')}]`);
  }
  return describeKind(value);
}

/** The kind of a value, for those that must not be shown. */
export function describeKind(value: unknown): string {
  if (value === unreadable) return 'unreadable';
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object') return `a ${typeof value}`;
  if (types.isProxy(value)) return 'an object';
  if (isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (types.isRegExp(value)) return 'a RegExp';
  if (types.isDate(value)) return 'a Date';
  if (types.isPromise(value)) return 'a Promise';
  if (types.isMap(value)) return 'a Map';
  if (types.isSet(value)) return 'a Set';
  if (Buffer.isBuffer(value)) return 'a Buffer';
  if (value instanceof URL) return 'a URL object';
  return 'an object';
}

/** A text in single quotes, on one line, shortened. */
export function quote(text: string): string {
  if (text.includes('-----BEGIN')) return "'-----BEGIN …'";
  const masked = text.replace(/\/\/[^]*@/, '//…@');
  return `'${escape(shorten(masked))}'`;
}

// A revoked proxy throws even at Array.isArray.
export function isArray(value: unknown): value is readonly unknown[] {
  return typeof value === 'object' && value !== null && !types.isProxy(value) && Array.isArray(value);
}

export function isRegExp(value: unknown): value is RegExp {
  return types.isRegExp(value);
}

/** The pattern as one writes it. */
export function printRegExp(pattern: RegExp): string {
  try {
    return writeUnseen(RegExp.prototype.toString.call(pattern));
  } catch {
    // Its source and flags are properties that anybody can replace.
    return describeKind(pattern);
  }
}

function isPrimitive(value: unknown): boolean {
  return value === null || (typeof value !== 'object' && typeof value !== 'function');
}

function shorten(text: string): string {
  return text.length > longest ? `${text.slice(0, longest - 1).toWellFormed()}…` : text;
}

/** What breaks a line, cannot be seen, or turns the direction of what stands behind it. */
const unseen = /[\p{Cc}\p{Cs}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

function escape(text: string): string {
  const quoted = JSON.stringify(text.toWellFormed()).slice(1, -1);
  return writeUnseen(quoted.replaceAll('\\"', '"').replaceAll("'", "\\'"));
}

function writeUnseen(text: string): string {
  return text.replace(unseen, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
