import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { BalancerDefinition, MemberDefinition } from '../../src/index.ts';
import { valuesOf } from '../../src/rewrite/headers.ts';
import { ask } from '../support/ask.ts';
import { deadUrl, startBackend } from '../support/backend.ts';
import { senders } from '../support/front.ts';
import { startHolding } from '../support/holding.ts';
import { tidyUp, until } from '../support/idle.ts';
import { RawClient, type WireAnswer } from '../support/raw-client.ts';
import { startToldFront, type ToldFront } from '../support/stories.ts';
import { closeWebSockets, openWebSocket, say, startChat, startUpgradeFront } from '../support/websocket.ts';

afterEach(async () => {
  closeWebSockets();
  await tidyUp();
});

/** The field's lines, numbers left out. */
function timingsOf({ headers }: Pick<WireAnswer, 'headers'>): readonly string[] {
  return valuesOf(headers, 'server-timing').map((line) => line.replaceAll(/dur=\d+\.\d/g, 'dur=…'));
}

describe.each(senders)('%s: Server-Timing', (_sender, sender) => {
  function start(
    members: readonly (string | MemberDefinition)[],
    definition: Partial<BalancerDefinition> = {},
  ): Promise<ToldFront> {
    const [first, ...rest] = members;
    return startToldFront({ ...sender, serverTiming: true, ...definition, members: [first!, ...rest] });
  }

  async function get({ port }: ToldFront, method = 'GET', ...fields: readonly string[]): Promise<WireAnswer> {
    const client = await RawClient.connect(port);
    return client.ask([`${method} / HTTP/1.1`, 'Host: front', 'Connection: close', ...fields]);
  }

  test('is not sent unless it is asked for', async () => {
    const { url } = await startBackend('a', (_req, res) => res.setHeader('Server-Timing', 'db;dur=5').end());
    const front = await start([{ url, route: 'a' }], { serverTiming: false });
    expect(timingsOf(await get(front))).toEqual(['db;dur=5']);
  });

  test('stands beside the member’s own, however many lines those are', async () => {
    const own = ['db;dur=5', 'cache;desc="hit, warm"'];
    const { url } = await startBackend('a', (_req, res) => res.setHeader('Server-Timing', own).end());
    const front = await start([{ url, route: 'a' }]);
    expect(timingsOf(await get(front))).toEqual([...own, 'member;desc="a";dur=…']);
  });

  test('tells the time to the head of the answer', async () => {
    const held = await startHolding('a');
    const front = await start([{ url: held.url, route: 'a' }]);
    const asked = get(front);
    await until(() => held.held() === 1);
    const since = performance.now();
    await until(() => performance.now() >= since + 30);
    held.open();
    const [line = ''] = valuesOf((await asked).headers, 'server-timing');
    expect(Number(/dur=([\d.]+)/.exec(line)![1])).toBeGreaterThanOrEqual(30);
  });

  test('tells how many were tried, and times the last', async () => {
    const { url } = await startBackend('b');
    const front = await start([
      { url: await deadUrl(), route: 'a' },
      { url, route: 'b', lbset: 1 },
    ]);
    expect(timingsOf(await get(front))).toEqual(['member;desc="b";dur=…, attempts;desc="2"']);
    expect(timingsOf(await get(front))).toEqual(['member;desc="b";dur=…']);
  });

  test('tells what was waited', async () => {
    const held = await startHolding('a');
    const front = await start([{ url: held.url, route: 'a', max: 1 }]);
    let waiting = 0;
    front.balancer.on('queue', (event) => (waiting = event.waiting));
    const first = get(front);
    await until(() => held.held() === 1);
    const second = get(front);
    await until(() => waiting === 1);
    held.open();
    expect(timingsOf(await first)).toEqual(['member;desc="a";dur=…']);
    expect(timingsOf(await second)).toEqual(['member;desc="a";dur=…, wait;dur=…']);
  });

  test('quotes a route that needs it, so that it can be read again', async () => {
    const { url } = await startBackend('a');
    const route = 'a "b\\c", d;dur=9';
    const front = await start([{ url, route }]);
    const [line = ''] = timingsOf(await get(front));
    expect(line).toBe('member;desc="a \\"b\\\\c\\", d;dur=9";dur=…');
    const [, quoted = ''] = /^member;desc="((?:[^"\\]|\\.)*)";dur=…$/.exec(line) ?? [];
    expect(quoted.replaceAll(/\\(.)/g, '$1')).toBe(route);
  });

  test('never tells a URL: a member without a route has no name for clients', async () => {
    const [a, b] = [await startBackend('a'), await startBackend('b')];
    const front = await start([a.url, { url: b.url, status: 'hot-standby' }, await deadUrl()]);
    for (let i = 0; i < 3; i += 1) {
      const answer = await get(front);
      for (const line of timingsOf(answer)) {
        expect(line).toMatch(/^member;dur=…(, attempts;desc="\d")?$/);
      }
      expect(timingsOf(answer)).toHaveLength(1);
      expect(answer.headers.join('\n')).not.toContain('127.0.0.1');
    }
  });

  test.each<[method: string, answer: (req: IncomingMessage, res: ServerResponse) => unknown, status: number]>(
    [
      ['HEAD', (_req, res) => res.setHeader('Content-Length', '5').end(), 200],
      ['GET', (_req, res) => res.writeHead(304, { ETag: '"x"' }).end(), 304],
      ['DELETE', (_req, res) => res.writeHead(204).end(), 204],
      ['GET', (_req, res) => res.writeHead(500).end(), 500],
    ],
  )('is sent with answers of all kinds: %s (%#)', async (method, answer, status) => {
    const { url } = await startBackend('a', answer);
    const front = await start([{ url, route: 'a' }]);
    const told = await get(front, method);
    expect([told.status, told.body]).toEqual([status, '']);
    expect(timingsOf(told)).toEqual(['member;desc="a";dur=…']);
  });

  test('is sent once, with the answer, and not with interim ones', async () => {
    const { url } = await startBackend('a', (_req, res) => {
      res.writeEarlyHints({ link: '</a.css>; rel=preload' });
      res.end();
    });
    const told = await get(await start([{ url, route: 'a' }]));
    expect(told.interims.map(timingsOf)).toEqual([[]]);
    expect(timingsOf(told)).toEqual(['member;desc="a";dur=…']);
  });

  test('is sent with the switch of an upgrade', async () => {
    const { url } = await startChat('a');
    const front = await startUpgradeFront({ ...sender, serverTiming: true, members: [{ url, route: 'a' }] });
    const { socket, head } = await openWebSocket(front.port);
    expect(timingsOf({ headers: head.rawHeaders })).toEqual(['member;desc="a";dur=…']);
    expect(await say(socket, 'hello')).toBe('hello');
  });

  test('is not sent with the app’s own answers', async () => {
    const front = await start([{ url: await deadUrl(), route: 'a' }]);
    const { headers, status } = await ask(front.port);
    expect([status, headers['server-timing']]).toEqual([503, undefined]);
  });
});
