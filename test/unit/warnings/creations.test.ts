import { describe, expect, test } from '@jest/globals';
import type { BalancerDefinition } from '../../../src/index.ts';
import { createCreations, isHandling } from '../../../src/warnings/creations.ts';

const inHandler = 'Error\n    at Layer.handleRequest (/app/node_modules/router/lib/layer.js:152:17)';
const atStart = 'Error\n    at file:///app/main.js:3:1';

function watch(stack: string) {
  const words: string[] = [];
  const creations = createCreations(() => stack);
  const create = (definition: Partial<BalancerDefinition> = {}) =>
    creations.note({ members: ['http://a.test'], ...definition }, (text) => words.push(text));
  return { words, create, noteTraffic: creations.noteTraffic };
}

function times(count: number, act: (i: number) => void): void {
  for (let i = 0; i < count; i += 1) act(i);
}

describe('created in a request handler', () => {
  test('the second of one definition is warned of, and no further one', () => {
    const { words, create } = watch(inHandler);
    create();
    expect(words).toEqual([]);
    times(20, () => create());
    expect(words).toEqual([
      expect.stringContaining('was called in a request handler: 2 balancers of this definition are open'),
    ]);
    expect(words[0]).toContain('balancer(req, res, next)');
  });

  test('functions of the definition do not make it another one, though each request has its own', () => {
    const { words, create } = watch(inHandler);
    times(2, () => create({ pathRewrite: (path) => path, logger: { ...console } }));
    expect(words).toHaveLength(1);
  });

  test.each<[string, (i: number) => Partial<BalancerDefinition>]>([
    ['members', (i) => ({ members: [`http://tenant-${i}.test`] })],
    ['a name', (i) => ({ name: `tenant-${i}` })],
    ['an option', (i) => ({ exclude: new RegExp(`^/${i}`) })],
  ])('one for each tenant, with %s of its own, is not', (_what, define) => {
    const { words, create, noteTraffic } = watch(inHandler);
    noteTraffic();
    times(50, (i) => create(define(i)));
    expect(words).toEqual([]);
  });

  test('those that are closed are not', () => {
    const { words, create } = watch(inHandler);
    times(20, () => {
      const end = create();
      end();
      // Closed twice is closed once.
      end();
    });
    expect(words).toEqual([]);
    create();
    create();
    expect(words).toHaveLength(1);
  });
});

describe('created elsewhere', () => {
  test('any number before the first request is not warned of', () => {
    const { words, create } = watch(atStart);
    times(50, () => create());
    expect(words).toEqual([]);
  });

  test('the tenth after it is, since behind an await nobody sees the handler', () => {
    const { words, create, noteTraffic } = watch(atStart);
    times(5, () => create());
    noteTraffic();
    times(9, () => create());
    expect(words).toEqual([]);
    create();
    expect(words).toEqual([
      expect.stringContaining('again and again while requests are served: 15 balancers'),
    ]);
  });

  test('those of tests, which close theirs, are not', () => {
    const { words, create, noteTraffic } = watch(atStart);
    noteTraffic();
    times(50, () => {
      create()();
    });
    expect(words).toEqual([]);
  });

  test('what cannot be compared is left alone', () => {
    const { words, create } = watch(inHandler);
    const endless: Record<string, unknown> = {};
    endless['self'] = endless;
    times(3, () => create({ httpProxyMiddleware: endless }));
    expect(words).toEqual([]);
  });

  test('a stack that cannot be read says nothing, and harms nobody', () => {
    const creations = createCreations(() => {
      throw new Error('frozen');
    });
    const words: string[] = [];
    const create = () => creations.note({ members: ['http://a.test'] }, (text) => words.push(text));
    create();
    expect(create).not.toThrow();
    expect(words).toEqual([]);
  });
});

test.each([
  ['Express 5', 'at Layer.handleRequest (/a/node_modules/router/lib/layer.js:152:17)', true],
  [
    'Express 4',
    'at Layer.handle [as handle_request] (/a/node_modules/express/lib/router/layer.js:95:5)',
    true,
  ],
  ['an error handler of Express', 'at Layer.handleError (/a/node_modules/router/lib/layer.js:119:17)', true],
  ['Connect', 'at call (/a/node_modules/connect/index.js:239:7)', true],
  ['Node', 'at parserOnIncoming (node:_http_server:1151:12)', true],
  ['a module', 'at ModuleJob.run (node:internal/modules/esm/module_job:413:25)', false],
  [
    "a server's listening",
    'at Server.<anonymous> (/a/main.js:1:1)\n at emitListeningNT (node:net:1983:10)',
    false,
  ],
])('a stack of %s', (_what, frame, expected) => {
  expect(isHandling(`Error\n    ${frame}`)).toBe(expected);
});
