import type { Express } from 'express';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { createBalancer, type BalancerDefinition } from '../../../../src/index.ts';
import type { HttpdConf } from '../../../../src/httpd-conf/httpd-conf.ts';
import { readHttpdConf } from '../../../../src/httpd-conf/read-httpd-conf.ts';
import { readHcExpr } from '../../../../src/httpd-conf/translate/hc-expr.ts';
import { tooLong } from '../../../support/too-long.ts';
import { compile, isFormatted, makeHost, makeNotice, mountAt, print, runModule } from './support.ts';

const hostile = '*/ evil() /* \' " ` ${evil()} \\ \n evil() \u2028 evil() \r // <!-- </script>';

const isHealthy = readHcExpr("%{REQUEST_STATUS} =~ /^[234]/ && hc('body') !~ /it's down/");

const full: BalancerDefinition = {
  name: 'my-cluster',
  members: [
    'http://app1.site.com/media/',
    {
      url: 'http://app2.site.com',
      route: 'app2',
      redirect: 'app3',
      loadfactor: 2.5,
      status: '+H',
      retry: '500ms',
    },
    { url: 'http://app3.site.com', route: 'app3', hcmethod: 'GET', hcexpect: [200, 204] },
    { url: 'http://app4.site.com', hcmethod: 'GET', hcexpect: isHealthy as () => boolean },
    { url: 'http://app5.site.com', hcmethod: 'GET', hcexpect: isHealthy as () => boolean },
  ],
  stickysession: 'BALANCEID|balanceid',
  routeregex: /!(.*)$/,
  failonstatus: [500, 503],
  proxypassreversecookiedomain: JSON.parse('{"__proto__": "a.example", "b.internal": "b.example"}') as Record<
    string,
    string
  >,
  routeCookie: { name: 'ROUTEID', path: '/' },
};

const oddPatterns = [
  /^\/(?:a|b)(\d{1,3})[^/.]*?\.(?=x)[\w-]+$/i,
  /(?<name>a)\k<name>/,
  /[\d-x]/,
  // eslint-disable-next-line no-useless-backreference -- TypeScript is as strict
  /\1(a)/,
  /a{,5}]/,
  /(?=a)*b/,
  /\c/,
  /^[[:alpha:]]$/,
  /\u{61}/u,
  /[\p{L}--[a-z]]/v,
  /(?<=a)b(?<!c)/s,
  new RegExp(['/', '\n', '\u2028', '漢'].join('')),
  new RegExp(''),
];

const host = makeHost();
const nameless = makeHost({ serverName: undefined, serverAlias: ['*.example.com'], isTls: true });

/** Configurations, and what each of them is to show. */
const confs: Record<string, Partial<HttpdConf>> = {
  nothing: {},
  'a plain path': { mounts: [mountAt('/')] },
  'everything of a definition': { mounts: [mountAt('/app', { definition: full, to: '/sub/' })] },
  'several balancers and a manager': {
    mounts: [
      mountAt('/static'),
      mountAt('/app', { definition: { name: 'default', members: ['http://b'] } }),
      mountAt('/app2', { definition: { name: 'Default', members: ['http://b'] } }),
      { kind: 'manager', at: '/balancer-manager' },
    ],
  },
  'only a manager': { mounts: [{ kind: 'manager', at: '/balancer-manager' }] },
  'one host': { hosts: [host], mounts: [mountAt('/app', { host }), { kind: 'manager', at: '/manager' }] },
  'rules of every kind': {
    hosts: [host, nameless],
    access: [
      { rule: { order: 'deny,allow', allow: ['all'], deny: [] } },
      { host, at: '/manager', rule: { order: 'allow,deny', allow: ['local', '10.0.0.0/8'], deny: [] } },
      {
        url: /^balancer:\/\/app\/x/,
        by: 'order',
        satisfy: 'any',
        rule: { order: 'deny,allow', allow: [], deny: ['all'] },
      },
      { url: 'http://a/secret', by: 'require', rule: { order: 'allow,deny', allow: [], deny: [] } },
    ],
    mounts: [
      { kind: 'next', at: '/manager', host },
      { kind: 'status', at: /^\/old/, status: 410, negated: true },
      { kind: 'cookie', at: /./, cookie: 'ROUTEID=.$1; path=/' },
      mountAt(/^(\/.*)$/, {
        host: nameless,
        to: '$1',
        query: 'append',
        conditions: [
          { test: '%{HTTP_HOST}', matches: /^www\./i, or: true },
          { test: '%{QUERY_STRING}', matches: { compare: '=', text: hostile, nc: true }, negated: true },
        ],
      }),
      mountAt('/all', { definition: full, appendsPath: true, host, url: 'http://a' }),
      { kind: 'manager', at: '/manager' },
    ],
  },
  'patterns that TypeScript looks at twice': { mounts: oddPatterns.map((at) => mountAt(at)) },
  'hostile texts everywhere': {
    hosts: [makeHost({ serverName: hostile, serverAlias: [hostile], place: { file: hostile, line: 3 } })],
    notices: [
      { kind: 'dropped', directive: hostile, file: hostile, line: 3, why: hostile },
      {
        kind: 'different',
        directive: `ProxyPass / balancer://${hostile}`,
        file: hostile,
        line: 4,
        why: hostile,
      },
    ],
    mounts: [
      mountAt(`/${hostile}`, {
        to: `/${hostile}`,
        definition: {
          name: hostile,
          members: [{ url: `http://a/${hostile}`, route: hostile }],
          proxypassreverse: { [hostile]: hostile },
        },
        place: { file: hostile, line: 4 },
      }),
    ],
  },
  'names that are taken': {
    mounts: [
      'app',
      'mount',
      'mounts',
      'class',
      '1st',
      '',
      '漢',
      'create-balancer',
      'undefined',
      'app.',
      'isHealthy',
    ].map((name) => mountAt(`/x`, { definition: { ...full, name } })),
  },
};

/** As operators have them. */
const guides: Readonly<Record<string, string>> = {
  "Ape's guide": `<Proxy balancer://static-balancer>
BalancerMember http://static1.site.com/media
BalancerMember http://static2.site.com/media
</Proxy>
<Proxy balancer://app-balancer>
BalancerMember http://app1.site.com route=app1
BalancerMember http://app2.site.com route=app2
ProxySet lbmethod=byrequests stickysession=sessionid routeregex=!(.*)$
</Proxy>
ProxyPass /static balancer://static-balancer
ProxyPass / balancer://app-balancer/
`,
  'a host with a pattern': `<VirtualHost *:80>
ServerName www.example.com
<Proxy balancer://mycluster>
BalancerMember http://10.0.0.1:80 route=1
BalancerMember http://10.0.0.2:80 route=2
Require all granted
ProxySet stickysession=BALANCEID
</Proxy>
ProxyPassMatch ^(/.*)$ balancer://mycluster$1
</VirtualHost>
`,
  'a manager that is kept from the proxy': `ProxyHCExpr up {%{REQUEST_STATUS} =~ /^[234]/ && hc('body') !~ /it's down/}
<Proxy balancer://cluster>
BalancerMember http://a:8080 route=n1 loadfactor=2 hcmethod=GET hcexpr=up
BalancerMember http://b:8080 route=n2 hcmethod=GET hcexpr=up
</Proxy>
ProxyPass /balancer-manager !
ProxyPass / balancer://cluster/ stickysession=JSESSIONID|jsessionid nofailover=On lbmethod=byrequests
<Location /balancer-manager>
SetHandler balancer-manager
Order Deny,Allow
Deny from all
Allow from 127.0.0.1
</Location>
`,
  'the ROUTEID recipe': `Header add Set-Cookie "ROUTEID=.%{BALANCER_WORKER_ROUTE}e; path=/" env=BALANCER_ROUTE_CHANGED
<Proxy "balancer://mycluster">
BalancerMember "http://192.168.1.50:80" route=1
BalancerMember "http://192.168.1.51:80" route=2
ProxySet stickysession=ROUTEID
</Proxy>
ProxyPass "/test" "balancer://mycluster"
ProxyPassReverse "/test" "balancer://mycluster"
`,
};
for (const [name, text] of Object.entries(guides)) confs[name] = readHttpdConf(text);

const names = Object.keys(confs);
const codes = names.map((name) => print(confs[name]!));

test.each(names.map((name, i) => [name, codes[i]!]))(
  '%s: prettier leaves it as it is',
  async (_name, code) => {
    expect([await isFormatted(code), code]).toEqual([true, code]);
  },
);

describe('under strict settings', () => {
  let problems: readonly string[];

  beforeAll(() => {
    problems = compile([...codes, `${print(confs['a plain path']!)}\nmycluster.drain('app9');`]);
  }, 120_000);

  test.each(names.map((name, i) => [name, i] as const))('%s compiles', (_name, i) => {
    expect(problems.filter((problem) => problem.startsWith(`${i}: `))).toEqual([]);
  });

  test('a mistake in a module would be found', () => {
    expect(problems.filter((problem) => problem.startsWith(`${codes.length}: `))).not.toEqual([]);
  });
});

/** What a module has done when it was mounted. */
function runMounted(code: string): Readonly<{ definitions: unknown[]; uses: unknown[]; mounted: unknown[] }> {
  const definitions: unknown[] = [];
  const uses: unknown[] = [];
  const mounted: unknown[] = [];
  const exported = runModule(code, {
    'express-proxy-balancer': {
      createBalancer(definition: { name: string }) {
        definitions.push(definition);
        return { name: definition.name, at: (path: string) => `${definition.name} at ${path}` };
      },
    },
    'express-proxy-balancer/manager': { createManager: (options: unknown) => ({ manager: options }) },
    'express-proxy-balancer/httpd-conf': {
      mountHttpdConf(app: unknown, conf: unknown, options: unknown) {
        mounted.push(conf, options);
        return app;
      },
    },
  });
  const app = { use: (...args: unknown[]) => uses.push(args) } as unknown as Express;
  (exported.mount as (...args: unknown[]) => void)(app, { authorize: 'me' });
  return { definitions, uses, mounted };
}

/** The definitions of a configuration, each once. */
function definitionsOf({ mounts = [] }: Partial<HttpdConf>): unknown[] {
  return [...new Set(mounts.flatMap((mount) => (mount.kind === 'balancer' ? [mount.definition] : [])))];
}

/** With functions as their texts, which is what is kept of them. */
function withoutFunctions(value: unknown): unknown {
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null || value instanceof RegExp || isForeignPattern(value)) {
    return isForeignPattern(value) ? String(value) : value instanceof RegExp ? String(value) : value;
  }
  if (Array.isArray(value)) return value.map(withoutFunctions);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutFunctions(each)]));
}

function isForeignPattern(value: unknown): boolean {
  return Object.prototype.toString.call(value) === '[object RegExp]';
}

describe('what a module says is what the configuration says', () => {
  test.each(names.map((name, i) => [name, i] as const))('%s', (name, i) => {
    const { definitions } = runMounted(codes[i]!);
    expect(withoutFunctions(definitions)).toEqual(withoutFunctions(definitionsOf(confs[name]!)));
  });

  test('its rules are those of the configuration', () => {
    const { hosts, access, mounts } = confs['rules of every kind']!;
    const [conf, options] = runMounted(codes[names.indexOf('rules of every kind')]!).mounted;
    const rules = mounts!.map((mount) => {
      if (mount.kind !== 'balancer') return mount;
      const { definition, ...others } = mount;
      return { ...others, balancer: { name: definition!.name, at: 'a function' } };
    });
    expect(withoutFunctions(conf)).toEqual(withoutFunctions({ hosts, access, mounts: rules }));
    expect(options).toEqual({ manager: { authorize: 'me' } });
  });

  test('a function is the one that was read', () => {
    const { definitions } = runMounted(codes[names.indexOf('everything of a definition')]!);
    const { members } = definitions[0] as { members: { hcexpect: (answer: object) => boolean }[] };
    const { hcexpect } = members[3]!;
    expect(hcexpect({ status: 200, headers: {}, body: 'fine' })).toBe(true);
    expect(hcexpect({ status: 200, headers: {}, body: "it's down" })).toBe(false);
    expect(hcexpect({ status: 500, headers: {}, body: 'fine' })).toBe(false);
    expect(members[4]!.hcexpect).toBe(hcexpect);
  });
});

test('what an app can be told in its own words is written in Express', () => {
  const { uses } = runMounted(
    print({
      mounts: [
        { kind: 'manager', at: '/balancer-manager' },
        mountAt('/static'),
        mountAt('/app', { to: '/sub/', definition: { name: 'other', members: ['http://b'] } }),
      ],
    }),
  );
  expect(uses).toEqual([
    ['/static', expect.objectContaining({ name: 'mycluster' })],
    ['/app', 'other at /sub'],
    [
      '/balancer-manager',
      {
        manager: {
          authorize: 'me',
          balancers: [
            expect.objectContaining({ name: 'mycluster' }),
            expect.objectContaining({ name: 'other' }),
          ],
        },
      },
    ],
  ]);
});

test.each<readonly [string, Partial<HttpdConf>]>([
  ['a pattern', { mounts: [mountAt(/^\/app/)] }],
  ['a path that means more to Express', { mounts: [mountAt('/a:b')] }],
  ['a path that clients encode', { mounts: [mountAt('/a b')] }],
  ['a condition', { mounts: [mountAt('/app', { conditions: [{ test: '', matches: /./ }] })] }],
  ['a negation', { mounts: [mountAt('/app', { negated: true })] }],
  ['a path that is not proxied', { mounts: [{ kind: 'next', at: '/app' }] }],
  ['two hosts', { hosts: [host, nameless], mounts: [mountAt('/app', { host })] }],
  [
    "httpd's joins",
    { mounts: [mountAt('/app', { definition: { members: ['http://a'], compat: 'httpd' } })] },
  ],
  ['a path that another has in other letters', { mounts: [mountAt('/App'), mountAt('/app')] }],
  ['a path below another in other letters', { mounts: [mountAt('/App/'), mountAt('/app/x')] }],
  ['a path that another has with a slash', { mounts: [mountAt('/app/'), mountAt('/app')] }],
  ['a query', { mounts: [mountAt('/app', { to: '/x?y=1' })] }],
  ['an address that is kept out', { access: [{ rule: { order: 'deny,allow', allow: [], deny: ['10.1'] } }] }],
])('%s is left to mountHttpdConf', (_what, parts) => {
  const code = print(parts);
  expect(code).toContain('return mountHttpdConf(');
  expect(code).not.toContain('app.use(');
});

test('rules without hosts and sections for access have no empty lists of them', () => {
  const mounts = [mountAt(/^\/app/)];
  const access = [{ rule: { order: 'deny,allow', allow: [], deny: ['10.1'] } }] as const;
  const bare = print({ mounts });
  expect(bare).toContain('return mountHttpdConf(app, { mounts });');
  expect(bare).not.toMatch(/hosts|access|VirtualHost|AccessSection/);
  expect(print({ mounts, access })).toContain('return mountHttpdConf(app, { mounts, access });');
  expect(print({ mounts, access })).not.toMatch(/hosts|VirtualHost/);
  expect(print({ mounts: [mountAt(/^\/app/, { host })], hosts: [host] })).toContain(
    'return mountHttpdConf(app, { mounts, hosts });',
  );
});

test('a manager without balancers is there for those of the app', () => {
  const { uses } = runMounted(print({ mounts: [{ kind: 'manager', at: '/balancer-manager' }] }));
  expect(uses).toEqual([['/balancer-manager', { manager: { authorize: 'me' } }]]);
});

test('paths that begin alike stand in Express in their order', () => {
  const code = print({ mounts: [mountAt('/app/x'), mountAt('/app/'), mountAt('/apple'), mountAt('/')] });
  expect(code.match(/app\.use\('[^']*'/g)).toEqual([
    "app.use('/app/x'",
    "app.use('/app/'",
    "app.use('/apple'",
    "app.use('/'",
  ]);
});

test('rules that keep nobody out change nothing', () => {
  const access = [{ rule: { order: 'allow,deny', allow: ['all'], deny: [] } }] as const;
  expect(print({ mounts: [mountAt('/app')], access })).toContain("app.use('/app', mycluster);");
});

test('the one host there is gets every request; mounts that it does not inherit get none', () => {
  const mounts = [mountAt('/own', { host }), mountAt('/main')];
  const code = print({ hosts: [host], mounts });
  expect(code).toContain("app.use('/own', mycluster);");
  expect(code).not.toContain('/main');
  expect(print({ hosts: [{ ...host, inherits: true }], mounts: [mountAt('/main')] })).toContain("'/main'");
});

test('comments tell where it comes from, what is different and what is left out', () => {
  const notices = [
    makeNotice(2, '<Proxy balancer://mycluster>'),
    makeNotice(3, 'ProxyTimeout 5', 'different'),
    makeNotice(7, 'ProxyPass /app balancer://mycluster/'),
    makeNotice(9, 'LogLevel warn', 'dropped'),
    makeNotice(10, 'ProxyPass /other balancer://mycluster2/'),
  ];
  const place = { file: 'httpd.conf', line: 7 };
  expect(print({ notices, mounts: [mountAt('/app', { place })] }))
    .toBe(`// Made from httpd.conf by express-proxy-balancer convert.
//
// Taken with a difference:
//   httpd.conf:3 ProxyTimeout 5
//       why 3
//
// Dropped:
//   httpd.conf:9 LogLevel warn
//       why 9

import type { Express } from 'express';
import { createBalancer } from 'express-proxy-balancer';

// httpd.conf:2 <Proxy balancer://mycluster>
// httpd.conf:7 ProxyPass /app balancer://mycluster/
export const mycluster = createBalancer({
  name: 'mycluster',
  members: ['http://app1.site.com'],
});

export function mount(app: Express): void {
  // Express compares paths without case and as they are encoded, and takes
  // '/path' for '/path/' too, and keeps '//'; httpd does not.
  //
  // httpd.conf:7 ProxyPass /app balancer://mycluster/
  app.use('/app', mycluster);
}
`);
});

test('differences of Express are told where there are any', () => {
  expect(print({ mounts: [mountAt('/')] })).not.toContain('Express compares');
  expect(print({ mounts: [mountAt('/app')] })).not.toContain("'/sub/'");
  expect(print({ mounts: [mountAt('/app', { to: '/x' })] })).toContain(
    "For '/path' alone, '/sub/' is asked for",
  );
});

test('what has no text is refused', async () => {
  const balancer = createBalancer({ members: ['http://a'] });
  const { definition, ...others } = mountAt('/') as {
    definition: BalancerDefinition;
    kind: 'balancer';
    to: '';
    at: '/';
  };
  expect(() => print({ mounts: [{ ...others, balancer }] })).toThrow('cannot be written');
  const lbmethod = (): undefined => undefined;
  expect(() => print({ mounts: [mountAt('/', { definition: { ...definition, lbmethod } })] })).toThrow(
    'cannot be written',
  );
  await balancer.close();
});

test('a very long configuration takes no time', () => {
  const members = Array.from({ length: 20_000 }, (_, i) => ({
    url: `http://app${i}.site.com/`,
    route: `app${i}`,
  }));
  const startedAt = performance.now();
  expect(print({ mounts: [mountAt('/', { definition: { members } })] })).toContain("route: 'app19999'");
  const mounts = Array.from({ length: 3_000 }, (_, i) =>
    mountAt('/', {
      definition: { name: `b${i}`, members: ['http://a'] },
      place: { file: 'httpd.conf', line: i },
    }),
  );
  const notices = mounts.map((_, i) => makeNotice(i, `ProxyPass /${i} balancer://b${i}`, 'different'));
  expect(print({ mounts, notices })).toContain('export const b2999 = createBalancer({');
  expect(performance.now() - startedAt).toBeLessThan(tooLong);
});
