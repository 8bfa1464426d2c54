import { describe, expect, test } from '@jest/globals';
import { readDefinition } from '../../../src/definition/check-definition.ts';
import { copyDefinition } from '../../../src/definition/copy-definition.ts';
import { DefinitionError, printProblem } from '../../../src/definition/problem.ts';
import { readChange } from '../../../src/definition/read-change.ts';
import { readMember } from '../../../src/definition/read-member.ts';
import { build, problemsOf } from './support.ts';

function throwing(): never {
  throw new Error('hands off');
}

/** A proxy that throws at whatever is done to it. */
function makeHostile(target: object): object {
  return new Proxy(target, new Proxy({}, { get: () => throwing }));
}

function makeRevoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

const nullish = (): unknown => Object.assign(Object.create(null) as object, { toString: throwing });

const strange: readonly (readonly [string, () => unknown])[] = [
  ['a hostile object', () => makeHostile({})],
  ['a hostile list', () => makeHostile([])],
  ['a hostile function', () => makeHostile(throwing)],
  ['a revoked object', () => makeRevoked({})],
  ['a revoked list', () => makeRevoked([])],
  ['a symbol', () => Symbol('x')],
  ['a bigint', () => 10n ** 100n],
  ['an object without prototype', nullish],
  ['a list of everything', () => [makeHostile({}), makeRevoked([]), Symbol('y'), nullish(), undefined]],
  [
    'a list that is very long',
    () => new Proxy([], { get: (_, key) => (key === 'length' ? 2 ** 32 - 1 : 1) }),
  ],
  [
    'an object whose getters throw',
    () => ({
      get name() {
        return throwing();
      },
      get url() {
        return throwing();
      },
    }),
  ],
  [
    'an object that contains itself',
    () => {
      const loop: Record<string, unknown> = {};
      loop['tls'] = loop;
      loop['members'] = [loop];
      return loop;
    },
  ],
  ['a promise', () => Promise.resolve({})],
  ['a map', () => new Map()],
  ['a pattern with a hostile flag', () => Object.defineProperty(/x/, 'flags', { get: throwing })],
  ['a very long text', () => 'x'.repeat(1_000_000)],
  ['half a letter', () => '\ud800'],
  ['NaN', () => NaN],
  ['null', () => null],
];

const options = Object.keys({
  name: 1,
  members: 1,
  memberDefaults: 1,
  lbmethod: 1,
  hashKey: 1,
  hashBalance: 1,
  ejection: 1,
  hold: 1,
  queueLength: 1,
  queueTimeout: 1,
  resolver: 1,
  serverTiming: 1,
  stickysession: 1,
  stickysessionsep: 1,
  separatorMatch: 1,
  routeregex: 1,
  scolonpathdelim: 1,
  routeCookie: 1,
  nofailover: 1,
  maxattempts: 1,
  timeout: 1,
  deadline: 1,
  failonstatus: 1,
  failoverOn: 1,
  replayBytes: 1,
  exclude: 1,
  pathRewrite: 1,
  proxyaddheaders: 1,
  trustProxy: 1,
  proxyvia: 1,
  proxyerroroverride: 1,
  proxypassreverse: 1,
  proxypassreversecookiedomain: 1,
  upgrade: 1,
  httpProxyMiddleware: 1,
  logger: 1,
  warnings: 1,
  unknown: 1,
});

describe('the check throws for nothing and says all in short lines', () => {
  test.each(strange)('%s as a definition', (_what, make) => {
    const problems = problemsOf(make());
    expect(problems.length).toBeGreaterThan(0);
    for (const line of problems.map(printProblem)) expect(line.length).toBeLessThan(300);
  });

  test.each(strange)('%s as any option', (_what, make) => {
    for (const option of options) {
      for (const problem of problemsOf({ members: ['http://a'], [option]: make() })) {
        expect(printProblem(problem).length).toBeLessThan(300);
      }
    }
  });

  test.each(strange)('%s as a member, in a member and further in', (_what, make) => {
    const keys = [
      'url',
      'route',
      'redirect',
      'loadfactor',
      'status',
      'retry',
      'disablereuse',
      'tls',
      'retryMax',
      'slowStart',
      'max',
      'acquire',
      'resolve',
      'handler',
      'hcmethod',
      'hcuri',
      'hcinterval',
      'hcfails',
      'hctimeout',
      'hcheaders',
      'hcexpect',
      'warmUp',
      'unknown',
    ];
    const members = keys.map((key, i) => ({ url: `https://a${i}`, [key]: make() }));
    const tls = ['ca', 'key', 'pfx', 'servername', 'unknown'].map((key, i) => ({
      url: `https://b${i}`,
      tls: { [key]: make() },
    }));
    const checked = [
      { hcheaders: { Host: make(), A: make() } },
      { hcexpect: { status: make(), body: make() } },
      { hcexpect: [make()] },
      { warmUp: [make()] },
    ].map((options, i) => ({ url: `http://c${i}`, hcmethod: 'GET', ...options }));
    const handlers = [{ handler: make() }, { handler: () => undefined, route: make(), status: make() }];
    const cookie = { name: make(), secret: make(), expires: make(), sameSite: make() };
    expect(
      problemsOf({ members: [make(), ...members, ...tls, ...checked, ...handlers], routeCookie: cookie })
        .length,
    ).toBeGreaterThan(10);
  });
});

describe('a change and a new member are looked at in the same way', () => {
  const [known] = build().members;

  test.each(strange)('%s', (_what, make) => {
    const change = (value: unknown): unknown => readChange(value, known!, [known!], 0);
    const definition = { members: ['http://a'] };
    expect(() => change(make())).toThrow(DefinitionError);
    expect(() => change({ hcheaders: make(), route: make(), disabled: make() })).toThrow(DefinitionError);
    expect(() => readMember(make(), { definition, members: [known!] })).toThrow(DefinitionError);
  });
});

describe('a definition is read once', () => {
  test('and what was read is what is used', () => {
    const reads: string[] = [];
    const count = <Value>(name: string, value: Value): Value => {
      reads.push(name);
      return value;
    };
    const copy = readDefinition({
      get name() {
        return count('name', 'app');
      },
      get members() {
        return count('members', [
          {
            get url() {
              return count('url', 'http://a');
            },
            get route() {
              return count('route', 'a');
            },
          },
        ]);
      },
      get routeCookie() {
        return count('routeCookie', {
          get secret() {
            return count('secret', ['s']);
          },
        });
      },
    });
    expect(reads).toEqual(['name', 'members', 'url', 'route', 'routeCookie', 'secret']);
    expect(copy).toEqual({
      name: 'app',
      members: [{ url: 'http://a', route: 'a' }],
      routeCookie: { secret: ['s'] },
    });
    expect(reads).toHaveLength(6);
  });

  test('inherited options count', () => {
    const definition: unknown = Object.assign(
      Object.create({ members: ['http://a'], nofailover: 5 }) as object,
      { name: 'x' },
    );
    expect(problemsOf(definition).map(({ path }) => path)).toEqual(['nofailover']);
  });

  test('what is not options stays what it is', () => {
    const logger = { info: throwing, warn: throwing, error: throwing };
    const ca = Buffer.from('x');
    const expires = new Date();
    const routeregex = /x/;
    const agent = {};
    const copy = copyDefinition({
      logger,
      routeregex,
      exclude: routeregex,
      pathRewrite: throwing,
      memberDefaults: { tls: { ca: [ca] } },
      routeCookie: { expires },
      httpProxyMiddleware: { agent },
    });
    expect(copy).toMatchObject({ logger, routeregex, exclude: routeregex });
    const { tls } = (copy as { memberDefaults: { tls: { ca: unknown[] } } }).memberDefaults;
    expect(tls.ca[0]).toBe(ca);
    expect((copy as { routeCookie: { expires: Date } }).routeCookie.expires).toBe(expires);
    expect((copy as { httpProxyMiddleware: { agent: object } }).httpProxyMiddleware.agent).toBe(agent);
    expect((copy as { logger: object }).logger).toBe(logger);
  });

  test('later changes to lists and records within it change nothing', () => {
    const member = {
      url: 'http://a',
      resolve: 'A',
      hcmethod: 'GET',
      hcheaders: { A: '1' },
      hcexpect: { status: [200], body: /x/ },
      warmUp: ['/w'],
    };
    const definition = {
      members: [member],
      lbmethod: 'byhash',
      hashKey: { header: 'a' },
      ejection: { consecutive: 3 },
      resolver: ['10.0.0.2'],
    };
    const copy = readDefinition(definition);
    const before = structuredClone(copy);
    member.hcheaders.A = '2';
    member.hcexpect.status.push(500);
    member.hcexpect.body = /y/;
    member.warmUp.push('/v');
    definition.hashKey.header = 'b';
    definition.ejection.consecutive = 9;
    definition.resolver.push('10.0.0.3');
    expect(structuredClone(copy)).toEqual(before);
    expect((copy.members[0] as typeof member).hcexpect.body).toEqual(/x/);
  });

  test('later changes to the list of members change nothing', () => {
    const members = ['http://a'];
    const copy = readDefinition({ members });
    members.push('http://b');
    expect(copy.members).toEqual(['http://a']);
  });
});

describe('a wrong definition throws', () => {
  test('one error with every fault, a line each', () => {
    const read = (): unknown => readDefinition({ name: 'app', members: ['a'], timeout: '5' });
    expect(read).toThrow(DefinitionError);
    expect(read).toThrow(
      [
        "The definition of balancer 'app' is wrong:",
        "  members[0] is 'a': its scheme is missing; write 'http://a'",
        "  timeout is '5': its unit is missing; write 5 or '5s'",
      ].join('\n'),
    );
  });

  test('with a code and the faults themselves', () => {
    const error = new DefinitionError([
      { path: 'name', given: '5', problem: 'it must be a name', advice: 'write one' },
    ]);
    expect(error).toBeInstanceOf(TypeError);
    expect(error.name).toBe('DefinitionError');
    expect(error.code).toBe('ERR_BALANCER_DEFINITION');
    expect(error.problems).toHaveLength(1);
    expect(error.message).toBe(
      'The definition of a balancer is wrong:\n  name is 5: it must be a name; write one',
    );
  });

  test('whatever its name is', () => {
    expect(() => readDefinition({ name: 5, members: ['http://a'] })).toThrow(
      /^The definition of a balancer is wrong:/,
    );
    expect(() => readDefinition(null)).toThrow(DefinitionError);
  });
});
