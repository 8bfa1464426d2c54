import { afterEach, describe, expect, test } from '@jest/globals';
import { liveBalancers } from '../../../../src/live-balancers.ts';
import { createHttpdHandler, type Mounted } from '../../../../src/httpd-conf/mount/handler.ts';
import type { HttpdHandlerOptions } from '../../../../src/httpd-conf/mount/handler-options.ts';
import { host } from '../../../support/mounted-conf.ts';
import { catchError } from '../../../support/catch-error.ts';

const definition = { members: ['http://127.0.0.1:9'] };
const good = { kind: 'balancer', at: '/app', to: '', definition } as const;

const anyone = { order: 'allow,deny', allow: ['all'], deny: [] } as const;
const site = host('www.example');

function allowing(...allow: readonly unknown[]): unknown {
  return { mounts: [good], access: [{ at: '/', rule: { ...anyone, allow } }] };
}

function onCondition(more: object): unknown {
  return { mounts: [{ ...good, conditions: [{ test: '%{HTTP_HOST}', ...more }] }] };
}

/** What is told about a configuration that is wrong. */
function refuse(conf: unknown, options: HttpdHandlerOptions = {}): unknown {
  return catchError(() => createHttpdHandler(conf as Mounted, { logger: false, ...options }));
}

afterEach(() => {
  expect(liveBalancers()).toEqual([]);
});

describe('tells what to write instead of', () => {
  test.each<[conf: unknown, path: string, advice: RegExp]>([
    [undefined, 'conf', /write what readHttpdConf returns/],
    [[], 'conf', /mounts: \[/],
    [{ mounts: {} }, 'mounts', /mounts: \[/],
    [{ mounts: [null] }, 'mounts[0]', /kind: 'balancer'/],
    [{ mounts: [{ ...good, kind: 'proxy' }] }, 'mounts[0].kind', /'balancer', 'next'/],
    [{ mounts: [{ ...good, at: undefined }] }, 'mounts[0].at', /such as '\/app'/],
    [{ mounts: [{ kind: 'next' }] }, 'mounts[0].at', /such as '\/app'/],
    [{ mounts: [{ ...good, at: 'app' }] }, 'mounts[0].at', /write '\/app'/],
    [{ mounts: [{ ...good, at: /a/g }] }, 'mounts[0].at', /write \/a\/$/],
    [{ mounts: [{ kind: 'balancer', at: '/a', definition }] }, 'mounts[0].to', /write '' for nothing/],
    [{ mounts: [{ ...good, to: 'app' }] }, 'mounts[0].to', /'\/app'/],
    [{ mounts: [{ ...good, to: '/a/../b' }] }, 'mounts[0].to', /write '\/b'/],
    [{ mounts: [{ ...good, definition: undefined }] }, 'mounts[0].definition', /members/],
    [{ mounts: [{ ...good, definition: 'app' }] }, 'mounts[0].definition', /members/],
    [{ mounts: [{ ...good, balancer: definition }] }, 'mounts[0].balancer', /createBalancer/],
    [{ mounts: [{ ...good, appendPath: true }] }, 'mounts[0].appendPath', /write appendsPath/],
    [{ mounts: [{ ...good, query: 'none' }] }, 'mounts[0].query', /'keep'/],
    [{ mounts: [{ ...good, negated: 'on' }] }, 'mounts[0].negated', /write true/],
    [{ mounts: [{ ...good, conditions: [{ test: 1 }] }] }, 'mounts[0].conditions[0].test', /HTTP_HOST/],
    [{ mounts: [{ kind: 'status', at: '/a', status: 404 }] }, 'mounts[0].status', /403 or 410/],
    [{ mounts: [{ kind: 'status', at: '/a' }] }, 'mounts[0].status', /403 or 410/],
    [{ mounts: [{ kind: 'cookie', at: '/a', cookie: 'x' }] }, 'mounts[0].cookie', /name=value/],
    [{ mounts: [{ ...good, host: {} }] }, 'mounts[0].host', /write hosts/],
    [{ mounts: [{ ...good, host: {} }], hosts: [] }, 'mounts[0].host', /the very object/],
    [{ mounts: [good], hosts: ['a'] }, 'hosts[0]', /serverName/],
    [{ mounts: [good], access: [{ at: '/' }] }, 'access[0].rule', /order/],
    [{ mounts: [good], access: [{ at: 'x', rule: {} }] }, 'access[0].at', /'\/x'/],
    [{ mounts: [good], access: [{ by: 'deny', rule: {} }] }, 'access[0].by', /'require' or 'order'/],
    [{ mounts: [good], access: [{ satisfy: 'any', rule: {} }] }, 'access[0].satisfy', /leave it out/],
    [{ mounts: [good], access: [{ by: 'order', satisfy: 1 }] }, 'access[0].satisfy', /'all' or 'any'/],
    [{ mounts: [good], access: [{ url: 1 }] }, 'access[0].url', /balancer:\/\/app/],
    [{ mounts: [good], access: [{ url: /a/g }] }, 'access[0].url', /write \/a\/$/],
    [{ mounts: [{ ...good, url: /a/ }] }, 'mounts[0].url', /http:\/\/app1/],
    [{ mounts: [good], acess: [] }, 'acess', /write access$/],
    [{ mounts: [good], x: [] }, 'x', /leave it out/],
    [{ mount: [good] }, 'mount', /write mounts$/],
    [{ mounts: [good], access: [{ at: '/', rules: anyone }] }, 'access[0].rules', /write rule$/],
    [{ mounts: [good], access: [{ hots: site, rule: anyone }] }, 'access[0].hots', /write host$/],
    [{ mounts: [good], access: [{ rule: { ...anyone, alow: [] } }] }, 'access[0].rule.alow', /write allow$/],
    [
      { mounts: [good], access: [{ rule: { ...anyone, order: 'x' } }] },
      'access[0].rule.order',
      /'deny,allow'/,
    ],
    [{ mounts: [good], access: [{ rule: { ...anyone, deny: 'all' } }] }, 'access[0].rule.deny', /\['10/],
    [allowing('10.0.0.0/99'), 'access[0].rule.allow[0]', /'10\.0\.0\.0\/8'/],
    [allowing('10.0.0.1', 'host.example'), 'access[0].rule.allow[1]', /'local'/],
    [allowing(7), 'access[0].rule.allow[0]', /'all'/],
    [{ mounts: [good], hosts: [{ ...site, inherit: true }] }, 'hosts[0].inherit', /write inherits$/],
    [{ mounts: [good], hosts: [{ ...site, ports: ['80'] }] }, 'hosts[0].ports[0]', /80/],
    [{ mounts: [good], hosts: [{ ...site, isTls: undefined }] }, 'hosts[0].isTls', /write true or false/],
    [
      onCondition({ matches: { compare: '==', text: 'a' } }),
      'mounts[0].conditions[0].matches.compare',
      /'=', '<'/,
    ],
    [onCondition({ matches: { compare: '=', text: 1 } }), 'mounts[0].conditions[0].matches.text', /text/],
    [onCondition({ matches: { compare: '=' } }), 'mounts[0].conditions[0].matches.text', /text/],
    [
      onCondition({ matches: { compare: '=', text: '', nc: 1 } }),
      'mounts[0].conditions[0].matches.nc',
      /true/,
    ],
    [
      onCondition({ matches: { compare: '=', text: '', nocase: true } }),
      'mounts[0].conditions[0].matches.nocase',
      /./,
    ],
    [onCondition({ matches: 'a' }), 'mounts[0].conditions[0].matches', /compare/],
    [onCondition({}), 'mounts[0].conditions[0].matches', /compare/],
    [onCondition({ matches: /a/, negated: 'on' }), 'mounts[0].conditions[0].negated', /write true/],
    [onCondition({ matches: /a/, or: 1 }), 'mounts[0].conditions[0].or', /write true/],
    [onCondition({ matches: /a/, negate: true }), 'mounts[0].conditions[0].negate', /write negated$/],
    [onCondition({ matches: /a/g }), 'mounts[0].conditions[0].matches', /write \/a\/$/],
  ])('%j', (conf, path, advice) => {
    const error = refuse(conf);
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ name: 'DefinitionError', code: 'ERR_BALANCER_DEFINITION' });
    const { problems } = error as { problems: readonly { path: string; advice: string }[] };
    expect(problems.find((problem) => problem.path === path)?.advice).toMatch(advice);
  });

  test.each<[options: object | null, path: string, advice: RegExp]>([
    [{ manger: {} }, 'options.manger', /write manager$/],
    [{ logger: {} }, 'options.logger', /./],
    [{ define: 'x' }, 'options.define', /function/],
    [{ manager: true }, 'options.manager', /\{/],
    [null, 'options', /\{/],
  ])('the options %j', (options, path, advice) => {
    const error = catchError(() => createHttpdHandler({ mounts: [] }, options as HttpdHandlerOptions));
    const { problems } = error as { problems: readonly { path: string; advice: string }[] };
    expect(problems.find((problem) => problem.path === path)?.advice).toMatch(advice);
  });

  test('everything at once', () => {
    const error = refuse({
      mounts: [
        { ...good, at: 'a' },
        { kind: 'nix', at: '/' },
      ],
    });
    expect((error as { problems: readonly unknown[] }).problems).toHaveLength(2);
  });
});

describe('leaves nothing running where', () => {
  const wrong = { ...good, definition: { members: [] } };

  test('a later definition is wrong', () => {
    expect(refuse({ mounts: [good, wrong] })).toMatchObject({ name: 'DefinitionError' });
  });

  test('an option of the manager is wrong', () => {
    const mounts = [good, { kind: 'manager', at: '/manager' }] as const;
    expect(refuse({ mounts }, { manager: { title: '' } })).toMatchObject({ name: 'DefinitionError' });
  });

  test('what adjusts a definition throws', () => {
    const define = (): never => {
      throw new Error('not this one');
    };
    expect(refuse({ mounts: [good] }, { define })).toMatchObject({ message: 'not this one' });
  });
});

test('all that a configuration of readHttpdConf has is known', async () => {
  const place = { file: 'httpd.conf', line: 1 };
  const condition = {
    test: 'a',
    matches: { compare: '-eq', text: '1', nc: false },
    negated: true,
    or: false,
  } as const;
  const rule = {
    order: 'deny,allow',
    allow: ['local', '10.1', '2001:db8::/32'],
    deny: ['10.0.0.0/255.0.0.0'],
  } as const;
  const handler = createHttpdHandler({
    mounts: [{ ...good, place, host: site, conditions: [condition] }],
    hosts: [site, host(undefined)],
    access: [{ at: '/', host: site, url: 'balancer://', by: 'order', satisfy: 'any', rule, place }],
    notices: [],
    listen: [{ address: undefined, port: 80, place }],
  });
  await handler.close();
});

test('a configuration without mounts is one', async () => {
  const handler = createHttpdHandler({ mounts: [] });
  expect(handler.balancers).toEqual([]);
  expect(handler.manager).toBeUndefined();
  await handler.close();
});
