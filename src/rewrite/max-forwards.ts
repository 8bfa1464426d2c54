import { valuesOf, type RawHeaders } from './headers.ts';

/** What Max-Forwards asks for: nothing, an answer of 400, an answer from here, or one hop less. */
export type MaxForwards =
  | Readonly<{ kind: 'absent' }>
  | Readonly<{ kind: 'invalid' }>
  | Readonly<{ kind: 'here' }>
  | Readonly<{ kind: 'forward'; left: number }>;

// RFC 9110 7.6.2: a recipient may cap the value at the highest it supports.
const MOST = 2 ** 31 - 1;

/** Whether Max-Forwards means something to this method. httpd heeds it for all of them; RFC 9110 7.6.2 only for these. */
export function heedsMaxForwards(method: string): boolean {
  return method === 'OPTIONS' || method === 'TRACE';
}

/**
 * The Max-Forwards that a request without one gets (httpd ProxyMaxForwards); undefined: none. `hops`: what the definition
 * says, -1 for none.
 */
export function missingMaxForwards(hops: number, method: string, headers: RawHeaders): string | undefined {
  if (hops < 0 || !heedsMaxForwards(method)) return undefined;
  return valuesOf(headers, 'max-forwards').length === 0 ? String(hops) : undefined;
}

/** Reads Max-Forwards of a request. */
export function readMaxForwards(method: string, headers: RawHeaders): MaxForwards {
  if (!heedsMaxForwards(method)) return { kind: 'absent' };
  const values = valuesOf(headers, 'max-forwards');
  if (values.length === 0) return { kind: 'absent' };
  const value = values[0]!.trim();
  if (values.length > 1 || !/^\d+$/.test(value)) return { kind: 'invalid' };
  const left = Math.min(Number(value), MOST);
  return left === 0 ? { kind: 'here' } : { kind: 'forward', left: left - 1 };
}
