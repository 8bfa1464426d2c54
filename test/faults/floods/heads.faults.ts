import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { BalancerDefinition } from '../../../src/index.ts';
import { senders, type Front } from '../../support/front.ts';
import { RawClient } from '../../support/raw-client.ts';
import { askMeanwhile, measureMs, startWideBackend, startWideFront } from '../support/floods.ts';
import { noteWhatIsThere, nothingIsLeft } from '../support/leftovers.ts';

beforeEach(noteWhatIsThere);
afterEach(nothingIsLeft);

let collect: () => void;

beforeAll(() => {
  setFlagsFromString('--expose-gc');
  collect = runInNewContext('gc') as () => void;
});

const mib = 2 ** 20;
const fill = (piece: string, bytes: number): string => piece.repeat(Math.floor(bytes / piece.length));
const asksWith = (lines: readonly string[]): readonly string[] => [
  'GET / HTTP/1.1',
  'Host: a.test',
  ...lines,
];
const asks = (...lines: readonly string[]): readonly string[] => asksWith(lines);
const repeat = (line: string, bytes: number): readonly string[] =>
  Array<string>(Math.floor(bytes / (line.length + 2))).fill(line);
const asksFor = (target: string): readonly string[] => [`GET ${target} HTTP/1.1`, 'Host: a.test'];

/** Heads of about so many bytes, and the status that they get. */
const heads: readonly (readonly [
  name: string,
  write: (bytes: number) => readonly string[],
  status: number,
])[] = [
  ['thousands of lines', (bytes) => asksWith(repeat('X-Flood: yes', bytes)), 200],
  ['thousands of lines without a value', (bytes) => asksWith(repeat('x:', bytes)), 200],
  [
    'thousands of names',
    (bytes) => asksWith(repeat('X-Flood: yes', bytes).map((line, i) => line.replace('Flood', `F${i}`))),
    200,
  ],
  ['one line', (bytes) => asks(`X-Flood: ${fill('x', bytes)}`), 200],
  ['one cookie', (bytes) => asks(`Cookie: SID=${fill('x', bytes)}.a`), 200],
  ['cookies of one name', (bytes) => asks(`Cookie: ${fill('SID=a!b; ', bytes)}`), 200],
  ['lines of cookies', (bytes) => asksWith(repeat('Cookie: SID=a!b', bytes)), 200],
  ['cookies of nothing', (bytes) => asks(`Cookie: ${fill(';', bytes)}`), 200],
  ['quotes in a cookie', (bytes) => asks(`Cookie: SID=${fill('"', bytes)}`), 200],
  ['escapes in a cookie', (bytes) => asks(`Cookie: SID=${fill('%41', bytes)}`), 200],
  ['route cookies', (bytes) => asks(`Cookie: ${fill('ROUTEID=s%3Aa.sig; ', bytes)}`), 200],
  ['a path', (bytes) => asksFor(`/${fill('x', bytes)}`), 200],
  ['a path of path parameters', (bytes) => asksFor(`/x${fill(';SID=a!b', bytes)}`), 200],
  ['a path of dot segments', (bytes) => asksFor(`/${fill('x/../', bytes)}`), 400],
  ['a path that climbs', (bytes) => asksFor(`/${fill('../', bytes)}`), 400],
  ['a path of escapes', (bytes) => asksFor(`/${fill('%2e%2f', bytes)}`), 400],
  ['a query of parameters', (bytes) => asksFor(`/?${fill('&SID=a!b', bytes)}`), 200],
  ['a path for a pattern', (bytes) => asksFor(`/private${fill('/x', bytes)}`), 200],
  ['X-Forwarded-For', (bytes) => asks(`X-Forwarded-For: ${fill('10.0.0.1, ', bytes)}`), 200],
  ['Forwarded', (bytes) => asks(`Forwarded: ${fill('for="[::1]", ', bytes)}`), 200],
  ['Connection', (bytes) => asks(`Connection: ${fill('x-a, ', bytes)}`, 'X-A: 1'), 200],
  ['Via', (bytes) => asks(`Via: ${fill('1.1 a (b), ', bytes)}`), 200],
  ['Accept', (bytes) => asks(`Accept: ${fill('text/*;q=0.1, ', bytes)}`), 200],
  ['Host', (bytes) => ['GET / HTTP/1.1', `Host: ${fill('a', bytes)}`], 200],
  [
    'Max-Forwards',
    (bytes) => ['OPTIONS / HTTP/1.1', 'Host: a.test', `Max-Forwards: ${fill('9', bytes)}`],
    200,
  ],
];

describe.each(senders)('heads of a mebibyte, by %s', (_name, sender) => {
  async function start(): Promise<Front> {
    const [a, b] = [await startWideBackend(), await startWideBackend()];
    const definition: BalancerDefinition = {
      ...sender,
      stickysession: 'SID',
      routeregex: /!(.*)$/,
      routeCookie: { secret: 'a secret' },
      exclude: /^\/private\/.*z$/,
      proxyaddheaders: 'both',
      proxyvia: 'On',
      trustProxy: true,
      members: [
        { url: a.url, route: 'a' },
        { url: b.url, route: 'b' },
      ],
    };
    return startWideFront(definition);
  }

  test.each(heads)(
    '%s: four times as many bytes take no more than twelve times as long',
    async (_what, write, status) => {
      const front = await start();
      const client = await RawClient.connect(front.port);
      const take = (bytes: number): Promise<number> => {
        const lines = write(bytes);
        return measureMs(3, async () => {
          expect((await client.ask(lines)).status).toBe(status);
        });
      };
      await take(mib / 16);
      const [one, four] = [await take(mib / 4), await take(mib)];
      expect(four).toBeLessThan(12 * one + 50);
    },
  );

  test('others are served meanwhile, and nothing of them is kept', async () => {
    const front = await start();
    const flood = async (): Promise<void> => {
      for (const [, write] of heads) {
        const client = await RawClient.connect(front.port);
        await client.ask(write(mib / 2));
        client.socket.destroy();
      }
    };
    const floodTwice = (): Promise<unknown> => Promise.all([flood(), flood()]);
    const readUsed = (): number => {
      // What the test notes is no part of what is looked at.
      front.errors.length = 0;
      collect();
      return process.memoryUsage().heapUsed;
    };
    // A kept connection to a member may hold what it carried last.
    await floodTwice();
    const before = readUsed();
    const state = { isOver: false };
    const floods = floodTwice().then(() => (state.isOver = true));
    let slowestMs = 0;
    while (!state.isOver) slowestMs = Math.max(slowestMs, await askMeanwhile(front.port, 1));
    await floods;
    // Two heads are read at once, on one core with those who send them.
    expect(slowestMs).toBeLessThan(3_000);
    expect(readUsed() - before).toBeLessThan(16 * mib);
  });
});

describe.each(senders)('what a server lets through by itself, by %s', (_name, sender) => {
  test('is 16 KiB of a head: what is longer gets 431, and no member is asked', async () => {
    const backend = await startWideBackend();
    const front = await startWideFront({ ...sender, members: [backend.url] });
    Object.assign(front.server, { maxHeaderSize: undefined });
    const client = await RawClient.connect(front.port);
    const { status } = await client.ask(asks(`X-Flood: ${fill('x', 17_000)}`));
    expect(status).toBe(431);
    expect(backend.begun).toEqual([]);
  });

  // An older Node drops the lines beyond, the length of the body among them.
  test.each([
    [100, 98],
    [100, 140],
    [20, 18],
  ])('is maxHeadersCount, %d lines: %d before its length get 431', async (most, count) => {
    const backend = await startWideBackend();
    const front = await startWideFront({ ...sender, members: [backend.url] });
    front.server.maxHeadersCount = most;
    const client = await RawClient.connect(front.port);
    const lines = [
      'POST / HTTP/1.1',
      'Host: a.test',
      ...Array<string>(count).fill('x: y'),
      'Content-Length: 5',
    ];
    expect(await client.ask(lines, 'hello')).toMatchObject({ status: 431 });
    expect(backend.begun).toEqual([]);
  });
});
