import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { senders } from '../../support/front.ts';
import { openWebSocket, say, startChat, startUpgradeFront, type Opened } from '../../support/websocket.ts';
import { drip, startDeaf, startRefusing, type FaultCase } from '../support/cases/faulty-member.ts';
import { cutForAWhile, startBehind } from '../support/cases/networks.ts';
import { requestCases } from '../support/cases/requests.ts';
import { endingsOf, executionsOf, promises, type Progress } from '../support/cases/rule.ts';
import { timeoutMs } from '../support/cases/run.ts';
import { openTunnel, startSwitching, talk } from '../support/cases/tunnels.ts';
import { noteWhatIsThere, nothingIsLeft } from '../support/leftovers.ts';
import { startLink, stopLinks } from '../support/link.ts';
import { startMember, stopMembers } from '../support/member-process.ts';

beforeEach(noteWhatIsThere);
afterEach(async () => {
  await stopLinks();
  await stopMembers();
  await nothingIsLeft();
});

type UpgradeCase = Pick<FaultCase, 'does' | 'progress' | 'isSilent' | 'start'>;

const retryMs = 500;

/** An upgrade is a GET: what it asks for may be repeated, and until it has switched it moves by the same rule. */
const [get] = requestCases;
const startWell = () => startSwitching('a');

const tunnelPromises: typeof promises = {
  ...promises,
  begun: 'the client sees that it ends, and nobody else is asked',
  answered: 'it opens, and nobody else is asked',
};

/** Behind which part of its 101 a member resets the connection. */
const breaks = [
  ['before it answers', 0, 'read'],
  ['in its status line', 12, 'read'],
  ['before the last byte of its head', -1, 'read'],
  ['once it has switched', undefined, 'begun'],
] as const satisfies readonly (readonly [string, number | undefined, Progress])[];

const breaking = breaks.map(([when, end, progress]): UpgradeCase => ({
  does: `resets the connection ${when}`,
  progress,
  start: () =>
    startSwitching('a', (socket, head) => {
      if (end === 0) socket.resetAndDestroy();
      else socket.write(head.slice(0, end), () => socket.resetAndDestroy());
    }),
}));

/** What `test/integration/upgrade-failures.test.ts` has is not here again. */
const rows: readonly UpgradeCase[] = [
  { does: 'refuses connections', progress: 'unsent', start: startRefusing },
  {
    does: 'accepts a connection and closes it at once',
    progress: 'unsure',
    start: () => startDeaf((socket) => socket.destroy()),
  },
  {
    does: 'accepts a connection and resets it at once',
    progress: 'unsure',
    start: () => startDeaf((socket) => socket.resetAndDestroy()),
  },
  {
    does: 'accepts a connection, reads nothing and says nothing',
    progress: 'sent',
    isSilent: true,
    start: () => startDeaf(() => undefined),
  },
  ...breaking,
  {
    does: 'drips its answer, a byte at a time',
    progress: 'answered',
    start: () =>
      startSwitching('a', (socket, head) => {
        drip(socket, head);
      }),
  },
  {
    does: 'is behind a slow network',
    progress: 'answered',
    start: () => startBehind({ latencyMs: 20, bytesPerSecond: 10_000 }, startWell),
  },
  {
    does: 'is behind a network that loses much, and carries it later',
    progress: 'answered',
    start: () => startBehind({ lostPercent: 50, resentAfterMs: 40 }, startWell),
  },
  {
    does: 'is behind a network that is cut while it answers, and mended',
    progress: 'answered',
    start: () =>
      startBehind({}, (link) =>
        startSwitching('a', (socket, head) => {
          cutForAWhile(link());
          socket.write(head);
        }),
      ),
  },
  {
    does: 'is behind a network that is cut',
    progress: 'sent',
    isSilent: true,
    start: () => startBehind({ isCut: true }, startWell),
  },
  {
    does: 'is behind a network that resets each connection',
    progress: 'unsure',
    start: () => startBehind({ isRefusing: true }, startWell),
  },
];

describe.each(senders)('an upgrade over %s, to a member that', (_name, sender) => {
  test.each(rows.map((fault) => ({ ...fault, promise: tunnelPromises[fault.progress] })))(
    '$does: $promise',
    async ({ start, isSilent = false, progress }) => {
      const [a, b] = [await start(), await startSwitching('b')];
      const front = await startUpgradeFront({
        ...sender,
        members: [
          { url: a.url, timeout: isSilent ? `${timeoutMs}ms` : '1m' },
          { url: b.url, lbset: 1, timeout: '1m' },
        ],
      });
      const startedAt = performance.now();
      const { ending } = await openTunnel(front.port, 'one');

      expect(endingsOf(progress, get!)).toContain(ending);
      expect(performance.now() - startedAt).toBeLessThan(5_000 + timeoutMs);
      const [, most] = executionsOf(progress, 'answered by b');
      expect(a.executions.length).toBeLessThanOrEqual(most);
      expect(b.executions).toHaveLength(ending === 'answered by b' ? 1 : 0);
    },
  );

  test('is behind a network that resets an open tunnel: the client sees its end, and nobody else is asked', async () => {
    const a = await startSwitching('a');
    const b = await startSwitching('b');
    const link = await startLink(a.backend.port);
    const front = await startUpgradeFront({ ...sender, members: [link.url, { url: b.url, lbset: 1 }] });
    const { ending, client } = await openTunnel(front.port, 'one');
    expect(ending).toBe('answered by a');

    link.resetAll();
    expect(await client.readRest()).toBe('');
    expect(await talk(client)).toBe(false);
    expect([a.executions.length, b.executions.length]).toEqual([1, 0]);
  });

  test('is behind a network that is cut and mended in an open tunnel: nothing is lost', async () => {
    const a = await startSwitching('a');
    const link = await startLink(a.backend.port);
    const front = await startUpgradeFront({ ...sender, members: [link.url] });
    const { client } = await openTunnel(front.port, 'one');

    cutForAWhile(link);
    expect(await talk(client)).toBe(true);
  });

  test('is killed with tunnels open: they end, the next are opened by the other, and by it when it is back', async () => {
    const a = await startMember('a');
    const b = await startChat('b');
    const front = await startUpgradeFront({
      ...sender,
      members: [
        { url: a.url, retry: `${retryMs}ms` },
        { url: b.url, lbset: 1 },
      ],
    });
    const isWithB = ({ head }: Opened): boolean => head.headers['x-backend'] === 'b';
    const opened = await Promise.all(Array.from({ length: 5 }, () => openWebSocket(front.port)));
    expect(opened.some(isWithB)).toBe(false);
    for (const { socket } of opened) expect(await say(socket, 'hello')).toBe('hello');
    const closed = Promise.all(opened.map(({ socket }) => once(socket, 'close') as Promise<[number]>));
    await a.kill();
    // RFC 6455 7.1.5: 1006 is what a client tells of a connection that ended without a Close frame.
    expect((await closed).map(([code]) => code)).toEqual([1006, 1006, 1006, 1006, 1006]);
    const next = await openWebSocket(front.port);
    expect([isWithB(next), await say(next.socket, 'hello')]).toEqual([true, 'hello']);

    await a.start();
    const since = performance.now();
    while (isWithB(await openWebSocket(front.port)));
    expect(performance.now() - since).toBeLessThan(retryMs + 5_000);
    expect(await say(next.socket, 'still here')).toBe('still here');
  });
});
