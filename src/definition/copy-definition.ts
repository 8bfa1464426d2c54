import { types } from 'node:util';
import { isArray, unreadable } from './describe.ts';
import type { Options } from './problem.ts';

/** Far more members or statuses than anybody has; keeps a hostile `length` from filling the memory. */
const mostElements = 10_000;

type Copier = (value: unknown) => unknown;

/**
 * A definition as plain records and lists, each property of it read once: what is checked is what is used.
 * Inherited options count, as they would if they were read by name; what cannot be read becomes `unreadable`.
 */
export function copyDefinition(value: unknown): unknown {
  return copyRecord(value, {
    members: copyListOf(copyMember),
    memberDefaults: copyMember,
    hashKey: copyRecord,
    ejection: copyRecord,
    resolver: copyList,
    allowMembers: copyList,
    failonstatus: copyList,
    failoverOn: copyFailoverOn,
    routeCookie: (cookie) => copyRecord(cookie, { secret: copyList }),
    routeregex: copyPattern,
    exclude: (patterns) => copyListOf(copyPattern)(copyPattern(patterns)),
    pathRewrite: copyRecord,
    proxyerroroverride: copyList,
    proxypassreverse: (urls) => copyRecord(copyList(urls)),
    proxypassreversecookiedomain: copyRecord,
    proxypassreversecookiepath: copyRecord,
    upgrade: copyList,
    httpProxyMiddleware: copyRecord,
    warnings: copyRecord,
  });
}

/** A member's definition, or a change of it, in the same way. */
export function copyMember(value: unknown): unknown {
  return copyRecord(value, {
    tls: copyTls,
    hcheaders: copyRecord,
    hcexpect: copyExpectation,
    warmUp: copyList,
  });
}

/** Options as a plain record, each read once; undefined where they are none. */
export function copyOptions(given: unknown): Options | undefined {
  if (typeof given !== 'object' || given === null || isArray(given)) return undefined;
  const copy = Object.create(null) as Record<string, unknown>;
  for (const name of Object.keys(given)) copy[name] = read(given, name);
  return copy;
}

function copyExpectation(value: unknown): unknown {
  const list = copyList(copyPattern(value));
  return list === value ? copyRecord(value, { status: copyList, body: copyPattern }) : list;
}

function copyTls(value: unknown): unknown {
  return copyRecord(value, { ca: copyList, cert: copyList, key: copyKeys, pfx: copyKeys });
}

/** Node takes keys with a passphrase of their own: `{ pem, passphrase }`, `{ buf, passphrase }`. */
function copyKeys(value: unknown): unknown {
  return copyListOf((key) => copyRecord(key))(value);
}

function copyPattern(value: unknown): unknown {
  if (!types.isRegExp(value)) return value;
  try {
    return new RegExp(value.source, value.flags);
  } catch {
    return unreadable;
  }
}

function copyFailoverOn(value: unknown): unknown {
  const list = copyList(value);
  return list === value ? copyRecord(value, { status: copyList, methods: copyList }) : list;
}

function copyList(value: unknown): unknown {
  return copyListOf((element) => element)(value);
}

function copyListOf(copyElement: Copier): Copier {
  return (value) => {
    try {
      if (!Array.isArray(value)) return value;
      const list: readonly unknown[] = value;
      const length = list.length;
      if (length > mostElements) return unreadable;
      return Array.from({ length }, (_, index) => copyElement(read(list, index)));
    } catch {
      return unreadable;
    }
  };
}

function copyRecord(value: unknown, copiers: Readonly<Record<string, Copier>> = {}): unknown {
  try {
    if (!isRecord(value)) return value;
    // Without a prototype, `__proto__` is an option like any other, and a misspelt one.
    const copy = Object.create(null) as Record<string, unknown>;
    for (const name in value) {
      const given = read(value, name);
      copy[name] = Object.hasOwn(copiers, name) ? copiers[name]!(given) : given;
    }
    return copy;
  } catch {
    return unreadable;
  }
}

function read(from: object, name: string | number): unknown {
  try {
    return (from as Readonly<Record<string | number, unknown>>)[name];
  } catch {
    return unreadable;
  }
}

// Dates, patterns, maps, promises, URLs and buffers have tags of their own.
function isRecord(value: unknown): value is object {
  return (
    typeof value === 'object' && value !== null && Object.prototype.toString.call(value) === '[object Object]'
  );
}
