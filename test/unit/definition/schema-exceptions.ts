import { isIP } from 'node:net';
import { checkAllowMembers } from '../../../src/definition/allow-members.ts';
import { findStatusFault } from '../../../src/definition/check-status.ts';
import { longestMs } from '../../../src/definition/duration.ts';
import { parseMemberUrl } from '../../../src/definition/member-url.ts';
import { isFault } from '../../../src/definition/problem.ts';

/** What the checks refuse and JSON Schema cannot say, or not in a way that anybody would read. */
const exceptions: readonly Readonly<{
  what: string;
  /** Which options: their place and name. */
  at: RegExp;
  is(value: unknown): boolean;
}>[] = [
  {
    what: 'a time under a millisecond, or longer than a timer runs',
    at: /\.(timeout|proxytimeout|deadline|hold|queueTimeout|upgradeTimeout|window|time|retry|retryMax|slowStart|acquire|connectiontimeout|ttl|hcinterval|hctimeout)$/,
    is(value) {
      if (typeof value === 'number') return value > 0 && value < 1;
      const ms = toMs(value);
      return ms !== undefined && (ms > longestMs || (ms > 0 && ms < 1));
    },
  },
  {
    what: 'a text of less than 100 ms between two checks',
    at: /\.hcinterval$/,
    is: (value) => (toMs(value) ?? Infinity) < 100,
  },
  {
    what: 'a name with the scheme that httpd writes',
    at: /^balancer\.name$/,
    is: matches(/^balancer:\/\//i),
  },
  { what: 'a misspelt Off', at: /\.stickysessionsep$/, is: matches(/^off$/i) },
  {
    what: 'an address of DNS servers that is none',
    at: /\.resolver$/,
    is: (value) => [value].flat().some((each) => typeof each === 'string' && !isServer(each)),
  },
  {
    what: 'a URL that looks like one and is none',
    at: /\.(members|url|proxypassreverse)$/,
    is: (value) => collectTexts(value).some((each) => isFault(parseMemberUrl(each))),
  },
  {
    what: 'a host that looks like one and is none',
    at: /\.allowMembers$/,
    is: (value) => checkAllowMembers(value, '').length > 0 && Array.isArray(value),
  },
  {
    what: 'a status with both roles',
    at: /\.status$/,
    is: (value) => typeof value === 'string' && /not both/.test(findStatusFault(value)?.problem ?? ''),
  },
  {
    what: 'a record in which two options exclude each other',
    at: /^balancer\.(ejection|routeCookie)$/,
    is: (value) => typeof value === 'object',
  },
  { what: 'a cookie that browsers drop', at: /^routeCookie\.name$/, is: matches(/^__(host|secure)-/i) },
  { what: 'a route of more than 63 bytes in fewer letters', at: /\.(route|redirect)$/, is: isLong },
  {
    what: 'a field that says how a check is carried, one that comes twice, or a Host that is none',
    at: /\.hcheaders$/,
    is: (value) =>
      Object.keys(value as object).some((name) =>
        /^(connection|content-length|transfer-encoding|expect|upgrade|host)$/i.test(name),
      ) ||
      new Set(Object.keys(value as object).map((name) => name.toLowerCase())).size <
        Object.keys(value as object).length,
  },
  { what: 'an address as the name of a host', at: /\.servername$/, is: (value) => isIP(String(value)) !== 0 },
  {
    what: 'a whole number that is none exactly',
    at: /./,
    is: (value) => typeof value === 'number' && value > 2 ** 53,
  },
  {
    what: 'a slip in the name of an option of http-proxy-middleware’s',
    at: /\.httpProxyMiddleware$/,
    is: (value) => typeof value === 'object',
  },
  {
    what: 'a record in a record, of which one of these holds',
    at: /\.(memberDefaults|members|tls|hcexpect)$/,
    is: (value) => typeof value === 'object',
  },
];

/** Whether a value that the schema takes may be refused by the checks. */
export function isException(place: string, option: string, value: unknown): boolean {
  return exceptions.some(({ at, is }) => at.test(`${place}.${option}`) && is(value));
}

function matches(pattern: RegExp): (value: unknown) => boolean {
  return (value) => typeof value === 'string' && pattern.test(value);
}

function toMs(value: unknown): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(String(value)) ?? [];
  if (amount === undefined) return undefined;
  return Number(amount) * { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[unit as 'ms' | 's' | 'm' | 'h'];
}

/** What the format `regex` stands for. */
export function isPattern(value: unknown): boolean {
  try {
    new RegExp(String(value));
    return true;
  } catch {
    return false;
  }
}

function isServer(text: string): boolean {
  const [, v6, v4, port = '53'] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const isAddress = isIP(text) !== 0 || (v6 === undefined ? isIP(v4 ?? '') === 4 : isIP(v6) === 6);
  return isAddress && Number(port) > 0 && Number(port) < 65_536;
}

function isLong(value: unknown): boolean {
  return Buffer.byteLength(String(value)) > 63;
}

/** The texts of a list, and the keys and values of a table or a member. */
function collectTexts(value: unknown): readonly string[] {
  if (typeof value === 'string') return value.startsWith('/') || value.startsWith('balancer:') ? [] : [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => [
    ...(Array.isArray(value) ? [] : collectTexts(key)),
    ...collectTexts(each),
  ]);
}
