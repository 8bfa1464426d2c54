import { createServer, type RequestListener } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import connect from 'connect';
import express from 'express';
import express4 from 'express4';
import { createBalancer, type Balancer, type BalancerDefinition, type Logger } from '../../src/index.ts';
import { createCreations } from '../../src/warnings/creations.ts';
import { ask } from '../support/ask.ts';
import { startBackend } from '../support/backend.ts';
import { startHandler } from '../support/handler.ts';
import { tidyUp, until } from '../support/idle.ts';

const made: Balancer[] = [];

afterEach(async () => {
  await Promise.all(made.splice(0).map((balancer) => balancer.close()));
  await tidyUp();
});

const definition = { members: ['http://a.test'] } as const;

type Act = () => void;

/** An app that does something in a handler, deep enough that a stack of Node's usual length would not show it. */
const apps: readonly (readonly [string, (act: Act) => RequestListener])[] = [
  [
    'Express 5',
    (act) => {
      const app = express();
      app.use(express.json());
      app.use('/a', (_req, res) => {
        dig(act);
        res.end();
      });
      return app as RequestListener;
    },
  ],
  [
    'Express 4',
    (act) => {
      const app = express4();
      app.use(express.json());
      app.get('/a', (_req: unknown, res: { end(): void }) => {
        dig(act);
        res.end();
      });
      return app;
    },
  ],
  [
    'Connect',
    (act) => {
      const app = connect();
      app.use(express.json());
      app.use((_req, res) => {
        dig(act);
        res.end();
      });
      return app;
    },
  ],
  [
    'a plain server',
    (act) => (_req, res) => {
      dig(act);
      res.end();
    },
  ],
];

function dig(act: Act, depth = 30): void {
  if (depth === 0) act();
  else dig(act, depth - 1);
}

test.each(apps)('a second balancer of one definition in a handler of %s is seen', async (_name, build) => {
  const words: string[] = [];
  const creations = createCreations();
  const create = (): void => void creations.note(definition, (text) => words.push(text));
  const { port } = await startHandler(build(create));
  const body = Buffer.from('{}');
  await ask(port, { method: 'GET', path: '/a' });
  expect(words).toEqual([]);
  await ask(port, { method: 'GET', path: '/a', body, headers: { 'Content-Type': 'application/json' } });
  expect(words).toEqual([expect.stringContaining('in a request handler')]);
});

test('one that is created when the server listens is none of a handler', async () => {
  const words: string[] = [];
  const creations = createCreations();
  const create = (): void => void creations.note(definition, (text) => words.push(text));
  const server = createServer();
  server.listen(0, '127.0.0.1', () => {
    create();
    create();
    server.close();
  });
  await until(() => !server.listening);
  create();
  expect(words).toEqual([]);
});

describe('createBalancer', () => {
  function startMaking(define: () => BalancerDefinition) {
    return startHandler((req, res) => {
      const balancer: Balancer = createBalancer(define());
      made.push(balancer);
      balancer(req, res, (error) => res.end(String(error)));
    });
  }

  // The order counts: what a process was told once it is told no more.
  test('in a handler says nothing where warnings are off', async () => {
    const backend = await startBackend();
    const lines: string[] = [];
    const logger = { ...console, warn: (line: string) => void lines.push(line) } as Logger;
    const { port } = await startMaking(() => ({ members: [backend.url], logger, warnings: false }));
    for (let i = 0; i < 4; i += 1) expect((await ask(port)).text).toBe('backend');
    expect(lines).toEqual([]);
  });

  test('in a handler warns once in a process, through the logger of the definition, though that throws', async () => {
    const backend = await startBackend();
    const lines: string[] = [];
    const warn = (line: string): void => {
      lines.push(line);
      throw new Error('the disk is full');
    };
    const logger = { ...console, warn } as Logger;
    const { port } = await startMaking(() => ({ name: 'shop', members: [backend.url], logger }));
    for (let i = 0; i < 4; i += 1) expect((await ask(port)).text).toBe('backend');
    expect(lines).toEqual([
      expect.stringMatching(
        /^\[shop\] createBalancer was called in a request handler: 2 .* \(WARN_BALANCER_CREATED_PER_REQUEST\), see file:.*#warn_balancer_created_per_request$/,
      ),
    ]);
  });
});
