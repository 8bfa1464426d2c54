import { longestMs } from '../../src/definition/duration.ts';
import { statusLetters, statusWords } from '../../src/member/status.ts';
import { carried } from './carried.ts';
import type { Bounds, JsonSchema } from './json-schema.ts';

// What types and docstrings do not say of values, by type and option, as the checks of src/definition have it. That the two
// agree is tested over every one of them: test/unit/definition/schema.test.ts.

const token = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const cookieName = token.replace('|', '');
const only = (pattern: string): string => `^(?:${pattern})$`;
const text = only('[^\\u0000-\\u001f\\u007f]+');
const someTime: Bounds = { exclusiveMinimum: 0 };
const source: Bounds = { minLength: 1, pattern: '^(?!/[\\s\\S]+/[a-z]*$)', format: 'regex' };
const label: Bounds = { pattern: text, maxLength: 63 };
const count: Bounds = { whole: true, minimum: 1 };
const share: Bounds = { exclusiveMinimum: 0, maximum: 1 };
const errors: Bounds = { whole: true, minimum: 400, maximum: 599 };

const httpUrl = '[hH][tT]{2}[pP][sS]?://[^\\s/?#@\\\\:][^\\s/?#@\\\\]*(?:/[^\\s?#\\\\]*)?';
const memberUrl = `(?:[uU][nN][iI][xX]:/[^\\s|]*\\|)?${httpUrl}`;
const plainPath = '/(?!/)[!"$->@-\\[\\]-~]*';
const cookiePath = only('/[ -:<-~]*');
const domain = '\\.?[\\w-]+(?:\\.[\\w-]+)*';
const checkPath = '(?![^?]*/(?:\\.|%2[eE]){1,2}(?:[/?]|$))/(?!/)[!"$-\\[\\]-~]*';

const words = [...statusWords.keys()].join('|');
const letters = `(?:[+-]?[${[...statusLetters.keys()].join('')}])+`;
const status = `[\\s,]*(?:(?:\\+?enabled|[+-]?(?:${words})|${letters})(?:[\\s,]+|$))*`;

/** By type, and by option of it; `''`: of the whole. */
export const bounds: Readonly<Record<string, Readonly<Record<string, Bounds>>>> = {
  BalancerDefinition: {
    name: { pattern: text },
    // `url` in place of a member, and lists that no definition has.
    members: { minItems: 1, maxItems: 10_000 },
    hashBalance: { minimum: 1, maximum: 100 },
    stickysession: {
      pattern: `^(?!\\s*-\\s*$)\\s*${cookieName}\\s*(?:\\|\\s*[^\\s;&=?/#|\\u0000-\\u001f\\u007f-\\u009f]+\\s*)?$`,
    },
    stickysessionsep: { minLength: 1 },
    routeregex: source,
    maxattempts: { whole: true, minimum: 0 },
    proxytimeout: someTime,
    deadline: someTime,
    hold: someTime,
    queueTimeout: someTime,
    upgradeTimeout: someTime,
    failonstatus: { whole: true, minimum: 100, maximum: 599 },
    queueLength: { whole: true, minimum: 0, maximum: 1_000_000 },
    resolver: {
      minItems: 1,
      pattern: only(
        '[\\d.]+(?::\\d{1,5})?|\\[[\\da-fA-F:.]+(?:%[^\\]]+)?\\](?::\\d{1,5})?|[\\da-fA-F:.]+(?:%.+)?',
      ),
    },
    failoverOn: errors,
    replayBytes: { whole: true, minimum: 0, maximum: 67_108_864 },
    exclude: { pattern: '^/[^?#*]*$' },
    pathRewrite: { keysFormat: 'regex' },
    proxymaxforwards: { whole: true, minimum: -1, maximum: 2 ** 31 - 1 },
    proxyerroroverride: errors,
    proxypassreverse: {
      pattern: only(`/(?!/)[\\s\\S]*|${memberUrl}`),
      keys: only(`${plainPath}|[bB][aA][lL][aA][nN][cC][eE][rR]://[^/]+(?:${plainPath})?|${httpUrl}`),
      values: only(`${plainPath}|${httpUrl}`),
    },
    proxypassreversecookiedomain: { keys: only(domain), pattern: only(`(?:${domain})?`) },
    proxypassreversecookiepath: { keys: cookiePath, pattern: cookiePath },
    upgrade: { pattern: `^(?![nN][oO][nN][eE]$)${token}(?:/${token})?$` },
    allowMembers: { pattern: '^(?:\\*\\.)?[^\\s*/?#@\\\\%|]+$' },
  },
  FailoverOn: {
    status: errors,
    methods: { pattern: only("[!#$%&'*+\\-.^_`|~0-9A-Z]+") },
    idempotencyKey: { pattern: only(token) },
  },
  RouteCookie: {
    name: { pattern: only(token) },
    prefix: { pattern: only('[!#-$&-+\\--:<-[\\]-~]*') },
    secret: { minLength: 1, minItems: 1 },
    path: { pattern: cookiePath },
    domain: {
      pattern: only(
        '\\.?[a-zA-Z\\d](?:[a-zA-Z\\d-]*[a-zA-Z\\d])?(?:\\.[a-zA-Z\\d](?:[a-zA-Z\\d-]*[a-zA-Z\\d])?)*',
      ),
    },
    maxAge: { whole: true, minimum: 1000 },
  },
  HashKey: { header: { pattern: only(token) }, cookie: { pattern: only(token) } },
  Ejection: {
    consecutive: count,
    rate: share,
    window: someTime,
    minRequests: count,
    maxEjected: share,
    time: someTime,
  },
  MemberParameters: {
    route: label,
    redirect: label,
    loadfactor: { minimum: 1, maximum: 100 },
    lbset: { whole: true, minimum: 0, maximum: 99 },
    max: count,
    // A number of milliseconds.
    acquire: { maximum: longestMs },
    timeout: someTime,
    connectiontimeout: someTime,
    ttl: someTime,
    responsefieldsize: { whole: true, minimum: 512, maximum: 1_048_576 },
    hcuri: { pattern: only(`(?:${checkPath})?`) },
    hcinterval: { minimum: 0.1 },
    hcpasses: count,
    hcfails: count,
    hctimeout: someTime,
    hcheaders: { keys: only(token), pattern: only('[\\t -~\\u0080-\\u00ff]*') },
    hcexpect: { whole: true, minimum: 200, maximum: 599, minItems: 1 },
    warmUp: { pattern: only(checkPath) },
  },
  HcExpectation: {
    '': { minProperties: 1 },
    status: { whole: true, minimum: 200, maximum: 599, minItems: 1 },
    body: source,
  },
  TlsOptions: { servername: { pattern: text } },
};

const pem: JsonSchema = { type: 'string', pattern: '-----BEGIN' };
const key: JsonSchema = {
  anyOf: [
    pem,
    {
      type: 'object',
      properties: { pem, passphrase: { type: 'string' } },
      required: ['pem'],
      additionalProperties: false,
    },
  ],
};

function oneOrSeveral(one: JsonSchema): JsonSchema {
  return { anyOf: [...(one.anyOf ?? [one]), { type: 'array', items: one, minItems: 1 }] };
}

/** Types of others, as far as JSON says them: whole, or by the options that are picked from them. */
export const foreign: Readonly<Record<string, JsonSchema>> = {
  SecureContextOptions: {
    type: 'object',
    properties: {
      ca: { description: 'Certificates that are trusted, in PEM.', ...oneOrSeveral(pem) },
      cert: { description: 'Certificate chain to show to the member, in PEM.', ...oneOrSeveral(pem) },
      key: {
        description: 'Private key of `cert`, in PEM. Better set by the program than written to a file.',
        ...oneOrSeveral(key),
      },
      passphrase: { description: 'What opens `key` or `pfx`.', type: 'string', pattern: text },
      pfx: { description: '`cert` and `key` in PKCS #12.', ...oneOrSeveral({ type: 'string' }) },
    },
  },
};

/** Types that are written here whole: those that syntax alone does not tell. */
export const written: Readonly<Record<string, JsonSchema>> = {
  /** The URL of a member, wherever a type parameter of this name stands. */
  Url: { type: 'string', pattern: only(memberUrl) },
  Route: { type: 'string' },
  /** What editors offer, and any text of letters and words. */
  StatusText: {
    anyOf: [
      { enum: ['enabled', ...statusWords.keys(), ...statusLetters.keys()] },
      { type: 'string', pattern: `^${status}$` },
    ],
  },
  HttpProxyMiddleware: carried,
};

/** Types that JSON has no value of. */
export const unsayable: ReadonlySet<string> = new Set([
  'RegExp',
  'Date',
  'SharedState',
  'Logger',
  'LocalHandler',
]);
