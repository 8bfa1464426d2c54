import type { IncomingMessage } from 'node:http';
import { types } from 'node:util';
import type { HashKey } from '../definition/definition.ts';
import { describeKind } from '../definition/describe.ts';
import { valuesOfCookie } from '../request/cookies.ts';
import { valuesOf } from '../rewrite/headers.ts';

/** What of a request byhash keeps on one member; undefined or empty when it has none. */
export type ReadKey = (req: IncomingMessage) => string | undefined;

/** Turns what a definition says of the key into the way to read it. */
export function compileHashKey(hashKey: HashKey): ReadKey {
  if (hashKey === 'ip') return readAddress;
  if (typeof hashKey === 'function') return (req) => checkKey(callHashKey(hashKey, req));
  if (hashKey.cookie !== undefined) return (req) => valuesOfCookie(req.rawHeaders, hashKey.cookie)[0];
  const name = hashKey.header.toLowerCase();
  return (req) => valuesOf(req.rawHeaders, name).join(', ');
}

/** The address of the client as Express has it, behind proxies that the app trusts; else that of the connection. */
function readAddress(req: IncomingMessage & { readonly ip?: unknown }): string | undefined {
  return typeof req.ip === 'string' ? req.ip : req.socket.remoteAddress;
}

function callHashKey(key: Extract<HashKey, (...args: never) => unknown>, req: IncomingMessage): unknown {
  try {
    return key(req);
  } catch (cause) {
    throw new Error('the function given as hashKey has thrown', { cause });
  }
}

function checkKey(key: unknown): string | undefined {
  if (typeof key === 'number') return String(key);
  if (typeof key === 'string' || key === undefined) return key;
  // Nobody waits for it, so nobody else would take its failure.
  if (types.isPromise(key)) key.catch(() => undefined);
  throw new Error(
    `the function given as hashKey has returned ${describeKind(key)}: return a string, a number or undefined`,
  );
}
