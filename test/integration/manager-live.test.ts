import { once } from 'node:events';
import { createServer, request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import express from 'express';
import { createBalancer, type Balancer } from '../../src/index.ts';
import { createManager, type Manager } from '../../src/manager/index.ts';
import { ask } from '../support/ask.ts';
import { startBackend } from '../support/backend.ts';
import { startFront, type Front } from '../support/front.ts';
import { tidyUp, until } from '../support/idle.ts';

type State = Readonly<{
  parts?: Record<string, string>;
  order?: Record<string, string[]>;
  cells?: Record<string, [string, string?]>;
}>;

/** An open stream, and what it has told. */
type Stream = Readonly<{
  res: IncomingMessage;
  states: () => readonly State[];
  events: (name: string) => readonly string[];
  isEnded: () => boolean;
  leave: () => void;
}>;

const managers: Manager[] = [];
const streams: Stream[] = [];

afterEach(async () => {
  for (const stream of streams.splice(0)) stream.leave();
  for (const manager of managers.splice(0)) manager.close();
  await tidyUp();
});

/** A shop with two members, and its manager. Who comes is said by a header, as a login before it would. */
async function startShop(flush?: () => void, showsAll = false): Promise<Front & { manager: Manager }> {
  const backends = [await startBackend('app1'), await startBackend('app2')];
  const own: { manager?: Manager } = {};
  const front = await startFront(
    {
      name: 'shop',
      stickysession: 'sid',
      members: backends.map(({ url }, i) => ({ url, route: `app${i + 1}` })),
    },
    {
      mount: '/shop',
      before(app) {
        if (!flush) return;
        // As compression does.
        app.use((_req, res, next) => {
          Object.assign(res, { flush });
          next();
        });
      },
      after(app) {
        app.use('/manager', (req, res, next) => {
          own.manager!(req, res, next);
        });
      },
    },
  );
  const manager = createManager({
    ...(showsAll ? {} : { balancers: [front.balancer] }),
    authorize: ({ headers }) =>
      headers['x-user'] === 'bob' ? { user: 'bob', readOnly: true } : headers['x-user'] === 'ann' && 'ann',
  });
  own.manager = manager;
  managers.push(manager);
  return Object.assign(front, { manager });
}

async function listen({ port }: Pick<Front, 'port'>, user = 'ann'): Promise<Stream> {
  const req = request({
    host: '127.0.0.1',
    port,
    path: '/manager/events',
    headers: { 'X-User': user },
    agent: false,
  });
  req.end();
  const [res] = (await once(req, 'response')) as [IncomingMessage];
  let text = '';
  let isEnded = false;
  res.setEncoding('utf8');
  res.on('data', (chunk: string) => (text += chunk));
  res.on('close', () => (isEnded = true));
  res.on('error', () => undefined);
  const events = (name: string): readonly string[] =>
    [...text.matchAll(/^event: (.*)\ndata: (.*)\n$/gm)].flatMap(([, event, data]) =>
      event === name ? [data!] : [],
    );
  const stream: Stream = {
    res,
    events,
    states: () => events('state').map((data) => JSON.parse(data) as State),
    isEnded: () => isEnded,
    leave: () => req.destroy(),
  };
  streams.push(stream);
  return stream;
}

/** The text that a cell has by now. */
function textOf(stream: Stream, id: string): string | undefined {
  return stream.states().findLast(({ cells }) => cells?.[id])?.cells?.[id]?.[0];
}

describe('the stream of the manager', () => {
  test('begins with the whole page, and goes on with what is different', async () => {
    const front = await startShop();
    const stream = await listen(front);
    expect(stream.res.statusCode).toBe(200);
    expect(stream.res.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    });
    await until(() => stream.states().length > 0);
    const first = stream.states()[0]!;
    expect(first.order!['b/shop/members']).toEqual(['m/shop/app1', 'm/shop/app2']);
    expect(first.parts!['m/shop/app1']).toContain('data-member="app1"');
    expect(textOf(stream, 'm/shop/app1/elected')).toBe('0');

    await ask(front.port, { path: '/shop/', headers: { Cookie: 'sid=1.app1' } });
    await until(() => textOf(stream, 'm/shop/app1/elected') === '1');
    const later = stream.states().slice(1);
    // What does not move is not sent again.
    expect(later.some(({ cells }) => cells?.['m/shop/app2/elected'])).toBe(false);
    expect(later.some(({ parts }) => parts?.['m/shop/app2'])).toBe(false);
  });

  test('sends the structure again where it is another one, and a member that is gone no more', async () => {
    const front = await startShop();
    const stream = await listen(front);
    await until(() => stream.states().length > 0);
    front.balancer.change('app2', { loadfactor: 7 });
    await until(() => stream.states().some(({ parts }, i) => i > 0 && parts?.['m/shop/app2'] !== undefined));
    expect(stream.states().at(-1)!.parts!['m/shop/app1']).toBeUndefined();
    await front.balancer.remove('app2');
    await until(() => stream.states().some(({ order }) => order?.['b/shop/members']?.length === 1));
  });

  test('has the points of the history', async () => {
    const stream = await listen(await startShop());
    await until(() => stream.events('point').length > 0);
    const point = JSON.parse(stream.events('point')[0]!) as {
      balancers: Record<string, Record<string, unknown>>;
    };
    expect(Object.keys(point.balancers['shop']!)).toEqual(['app1', 'app2']);
  });

  test('brings a token that a form is taken with', async () => {
    const front = await startShop();
    const stream = await listen(front);
    await until(() => stream.events('hello').length > 0);
    const { token } = JSON.parse(stream.events('hello')[0]!) as { token: string };
    const body = Buffer.from(new URLSearchParams({ token, balancer: 'shop', member: 'app1' }).toString());
    const headers = {
      'X-User': 'ann',
      Origin: front.url,
      Host: `127.0.0.1:${front.port}`,
      'Content-Type': 'application/x-www-form-urlencoded',
    };
    const told = await ask(front.port, { method: 'POST', path: '/manager/forms/drain', headers, body });
    expect(told.status).toBe(303);
    await until(() => textOf(stream, 'm/shop/app1/state') === 'Draining');
  });

  test('has no forms and no tokens in its parts, but for those who may change something', async () => {
    const front = await startShop();
    const [ann, bob] = [await listen(front), await listen(front, 'bob')];
    await until(() => ann.states().length > 0 && bob.states().length > 0);
    const partsOf = (stream: Stream): string => JSON.stringify(stream.states()[0]!.parts);
    expect(partsOf(ann)).toContain('/forms/drain');
    expect(partsOf(bob)).not.toContain('/forms/drain');
    // Each page puts its own in.
    expect(partsOf(ann)).not.toMatch(/name=\\"token\\" value=\\"[^\\]/);
  });

  test('is flushed through whatever collects what is written', async () => {
    let flushes = 0;
    const front = await startShop(() => (flushes += 1));
    const stream = await listen(front);
    await until(() => stream.states().length > 0);
    expect(flushes).toBeGreaterThan(2);
  });

  test('is for those only who may come in', async () => {
    const front = await startShop();
    const stream = await listen(front, 'eve');
    expect(stream.res.statusCode).toBe(403);
    await until(stream.isEnded);
  });

  test('ends when the manager is closed', async () => {
    const front = await startShop();
    const stream = await listen(front);
    await until(() => stream.states().length > 0);
    front.manager.close();
    await until(stream.isEnded);
    expect(stream.res.complete).toBe(true);
  });

  test.each([
    ['that it was given', false],
    ['of the process', true],
  ])('ends when every balancer %s is closed, so that the server does', async (_which, showsAll) => {
    const front = await startShop(undefined, showsAll);
    const stream = await listen(front);
    await until(() => stream.states().length > 0);
    const ended = once(front.server, 'close');
    front.server.close();
    await front.balancer.close({ grace: '10s' });
    await ended;
    await until(stream.isEnded);
    expect(stream.res.complete).toBe(true);
  });

  test('is there before any balancer is, and goes on while one is open', async () => {
    const manager = createManager({ authorize: () => true });
    managers.push(manager);
    const server = createServer(express().use('/manager', manager)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const place = { port: (server.address() as AddressInfo).port };
    const stream = await listen(place);
    await until(() => stream.states().length > 0);
    const shop: Balancer = createBalancer({ name: 'shop', logger: false, members: ['http://a.test'] });
    const blog: Balancer = createBalancer({ name: 'blog', logger: false, members: ['http://a.test'] });
    await until(() => stream.states().some(({ parts }) => JSON.stringify(parts ?? {}).includes('shop')));
    await shop.close();
    await until(() => stream.states().some(({ order }) => order?.['balancers']?.length === 1));
    expect(stream.isEnded()).toBe(false);
    await blog.close();
    await until(stream.isEnded);
    const later = await listen(place);
    await until(later.isEnded);
    expect(later.res.headers['content-type']).toContain('text/event-stream');
    server.close();
    await once(server, 'close');
  });

  test('is there for twenty of one user at a time, though more ask at once, and for a further one when one has left', async () => {
    const front = await startShop();
    const all = await Promise.all(Array.from({ length: 40 }, () => listen(front)));
    const open = all.filter(({ res }) => res.statusCode === 200);
    expect(open).toHaveLength(20);
    expect(all.filter(({ res }) => res.statusCode === 503)).toHaveLength(20);
    const refused = await ask(front.port, { path: '/manager/events', headers: { 'X-User': 'ann' } });
    expect(refused).toMatchObject({ status: 503, code: 'ERR_MANAGER_BUSY' });
    expect((await listen(front, 'bob')).res.statusCode).toBe(200);
    open[0]!.leave();
    await until(() => open[0]!.isEnded());
    let next = await listen(front);
    // The server hears of it a little later.
    while (next.res.statusCode === 503) next = await listen(front);
    expect(next.res.statusCode).toBe(200);
  });
});
