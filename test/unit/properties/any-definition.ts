import fc from 'fast-check';
import { right } from './right-values.ts';
import { optionNames, type Place } from '../../../src/definition/option-names.ts';

/** What somebody may write somewhere, right or wrong. */
const texts = [
  ...[
    '',
    'a',
    'app1',
    'Off',
    'on',
    'off',
    'true',
    '1',
    '0',
    '-1',
    '30s',
    '500ms',
    '1d',
    '2 m',
    '9999h',
    '0s',
    '.',
    '!',
    'a|b',
    'a b',
  ],
  ...[
    'byrequests',
    'byhash',
    'bytraffic',
    'random',
    'first',
    'last',
    'httpd',
    'D',
    '+N-S',
    'disabled',
    'GET',
    'HEAD',
    'TCP',
    'OPTIONS',
  ],
  ...[
    'http://127.0.0.1:1',
    'https://127.0.0.1:2/a/',
    'http://u:p@h',
    'ftp://h',
    'http://',
    'unix:/x|http://h',
    'ws://h',
    '/a',
    '//a',
    'balancer://x',
  ],
  ...[
    'websocket',
    '*',
    'x-key',
    'Set-Cookie',
    '\ud800',
    '\0',
    '\r\nX: y',
    '\u202eD',
    '\u001b[31m',
    'disab\u001bled',
    '\ufeff',
    'ü',
    '漢',
    '__proto__',
    'constructor',
    '(',
    '-----BEGIN x',
  ],
  ...[
    'lax',
    'strict',
    'none',
    'Full',
    'Block',
    'x-forwarded',
    'both',
    'ip',
    '127.0.0.1:53',
    '500',
    '/health',
    'front.example',
  ],
];
const numbers = [
  0,
  1,
  2,
  3,
  10,
  100,
  101,
  404,
  500,
  503,
  1.5,
  0.5,
  3600,
  3601,
  30_000,
  -1,
  -0,
  1e9,
  2 ** 31,
  NaN,
  Infinity,
  -Infinity,
  1e-9,
];
const functions = [
  () => true,
  () => undefined,
  () => {
    throw new Error('no');
  },
];

const anyLeaf = fc.oneof(
  fc.constantFrom<unknown>(...texts),
  fc.constantFrom<unknown>(...numbers),
  fc.constantFrom<unknown>(
    true,
    false,
    null,
    undefined,
    /x(.*)$/,
    /^a/g,
    new Date(0),
    Symbol.iterator,
    1n,
    ...functions,
  ),
);

const allNames = Object.values(optionNames).flat();

const anyName = (place: Place): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...optionNames[place]) },
    {
      weight: 2,
      arbitrary: fc.constantFrom(...allNames, '__proto__', 'toString', 'loadFactor', 'timeOut', ''),
    },
  );

function anyRecord(place: Place, value: fc.Arbitrary<unknown>, maxKeys: number): fc.Arbitrary<object> {
  return fc
    .array(fc.tuple(anyName(place), fc.nat(99), value), { maxLength: maxKeys })
    .map((entries) =>
      Object.fromEntries(entries.map(([name, chance, wrong]) => [name, pickRight(name, chance) ?? wrong])),
    );
}

/** A right value, mostly; undefined: none is known. */
function pickRight(name: string, chance: number): unknown {
  const values = Object.hasOwn(right, name) ? right[name]! : [];
  return chance < 80 ? values[chance % values.length] : undefined;
}

/** A value of any kind, with records of options in it. */
const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 6, arbitrary: anyLeaf },
  fc.array(anyLeaf, { maxLength: 3 }),
  ...(['tls', 'hcexpect', 'hashKey', 'ejection', 'routeCookie', 'failoverOn'] as const).map((place) =>
    anyRecord(place, anyLeaf, 3),
  ),
  fc.dictionary(fc.constantFrom(...texts), anyLeaf, { maxKeys: 2 }),
  fc.anything({ maxDepth: 2 }),
);

/** Options that belong together. */
const anyBundle = fc.constantFrom<object>(
  {},
  {},
  { name: 'it\'s \\ "so"' },
  { name: '\u001b[31m \u202e'.trim() },
  { stickysession: 'sid|psid', separatorMatch: 'last', scolonpathdelim: true },
  { stickysession: 'sid', routeregex: /!(.*)$/, nofailover: true },
  { stickysession: 'sid', stickysessionsep: 'Off', routeCookie: true },
  { lbmethod: 'byhash', hashKey: { cookie: 'c' }, hashBalance: 2 },
  { failoverOn: { status: [503] }, ejection: { rate: 0.5 }, queueTimeout: '1s', memberDefaults: { max: 5 } },
);

// Ports where nobody listens; another one for each, for no two may be the same server.
const urls = ['http://127.0.0.1:1', 'https://127.0.0.1:2/a/b/', 'http://[::1]:3/x'];

const anyOptions = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  { weight: 2, arbitrary: anyRecord('member', anyValue, 2) },
);

const anyMembers = fc
  .array(fc.tuple(fc.constantFrom(undefined, 'r', 'r', 'r', 'ü', '\ud800', 'a.b'), anyOptions), {
    minLength: 1,
    maxLength: urls.length,
  })
  .map((all) =>
    all.map(([route, options], i) => ({
      url: urls[i]!,
      ...(route === undefined ? {} : { route: `${route}${i}` }),
      ...options,
    })),
  );

/** What may be handed to `createBalancer`: mostly right, here and there not. */
export const anyDefinition: fc.Arbitrary<unknown> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(anyBundle, anyRecord('balancer', anyValue, 2), anyMembers)
      .map(([bundle, options, members]) => ({ ...bundle, ...options, members })),
  },
  { weight: 1, arbitrary: anyRecord('balancer', anyValue, 6) },
  { weight: 1, arbitrary: anyValue },
);

/** A change of a member, right or wrong. */
export const anyChange: fc.Arbitrary<unknown> = fc.oneof(anyRecord('change', anyValue, 4), anyValue);

/** Changes of a balancer. */
export const anyConfiguration: fc.Arbitrary<unknown> = fc.oneof(anyRecord('balancer', anyValue, 3), anyValue);
