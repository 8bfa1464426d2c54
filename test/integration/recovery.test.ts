import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ask, askStatuses, type Told } from '../support/ask.ts';
import { startBackend, type Backend } from '../support/backend.ts';
import { senders } from '../support/front.ts';
import { tidyUp, until } from '../support/idle.ts';
import { keepMembers } from '../support/members.ts';
import { RawClient } from '../support/raw-client.ts';
import { startToldFront, type ToldFront } from '../support/stories.ts';
import { stopTime, type StoppedTime } from '../support/time.ts';

afterEach(tidyUp);

describe.each(senders)('%s: a member in error', (_sender, sender) => {
  let time: StoppedTime;

  beforeEach(() => {
    time = stopTime();
  });

  /** Lets time go by until the member is due for its retry. */
  function passUntilDue(front: ToldFront, name: string): void {
    time.pass(front.member(name).retryInMs ?? 0);
  }

  test('E2: is tried once more after its retry, and no more until the next', async () => {
    const { a, b } = await keepMembers(['a', 'b']);
    const front = await startToldFront({
      ...sender,
      members: [{ ...a.definition, retry: '150ms' }, b.definition],
    });
    await a.refuse();
    expect(await askStatuses(front.port, 2)).toEqual([200, 200]);
    expect(front.member('a')).toMatchObject({ elected: 1, retries: 0, status: 'E' });
    passUntilDue(front, 'a');
    expect(await askStatuses(front.port, 3)).toEqual([200, 200, 200]);
    expect(front.member('a')).toMatchObject({ elected: 2, retries: 1, status: 'E' });
  });

  test('serves again once it answers, and its sessions come back', async () => {
    const { a, b } = await keepMembers(['a', 'b']);
    const front = await startToldFront({
      ...sender,
      stickysession: 'SID',
      members: [{ ...a.definition, retry: '50ms' }, b.definition],
    });
    const headers = { Cookie: 'SID=1.a' };
    await a.refuse();
    expect((await ask(front.port, { headers })).text).toBe('b');
    await a.recover();
    passUntilDue(front, 'a');
    expect((await ask(front.port, { headers })).text).toBe('a');
    expect(front.member('a')).toMatchObject({ status: '', retries: 0, retryInMs: undefined });
  });

  describe('that is due', () => {
    type Held = Readonly<{ front: ToldFront; held: ServerResponse[]; recovering: Backend }>;

    /** `a` has been refusing, listens again, and holds its answers back; `b` answers. */
    async function startRecovering(): Promise<Held> {
      const held: ServerResponse[] = [];
      const recovering = await startBackend('a', (_req, res) => held.push(res));
      const other = await startBackend('b');
      const front = await startToldFront({
        ...sender,
        members: [
          { url: recovering.url, route: 'a', retry: '50ms' },
          { url: other.url, route: 'b', lbset: 1 },
        ],
      });
      await recovering.stop();
      expect((await ask(front.port)).text).toBe('b');
      await recovering.start();
      passUntilDue(front, 'a');
      return { front, held, recovering };
    }

    test('is tried by exactly one of many requests', async () => {
      const { front, held, recovering } = await startRecovering();
      const told = Array.from({ length: 20 }, () => ask(front.port));
      const others: Told[] = [];
      for (const each of told) void each.then((one) => others.push(one));
      await until(() => others.length === 19 && held.length === 1);
      expect(new Set(others.map(({ text }) => text))).toEqual(new Set(['b']));
      expect(front.member('a')).toMatchObject({ busy: 1, status: 'E', retries: 1 });

      held[0]!.end('a');
      await until(() => others.length === 20);
      expect(others[19]!.text).toBe('a');
      expect(recovering.begun).toHaveLength(1);
      expect(front.member('a')).toMatchObject({ status: '', retries: 0 });
    });

    test('serves everybody as soon as the one has its head', async () => {
      const { front, held } = await startRecovering();
      const first = ask(front.port);
      await until(() => held.length === 1);
      held[0]!.write('half');
      await until(() => front.member('a').status === '');
      const second = ask(front.port);
      await until(() => held.length === 2);
      for (const res of held) res.end();
      expect((await first).text).toBe('half');
      expect((await second).status).toBe(200);
    });

    test('is left alone for another retry when the one fails, however it fails', async () => {
      const { front, held } = await startRecovering();
      const told = ask(front.port);
      await until(() => held.length === 1);
      held[0]!.socket!.resetAndDestroy();
      expect((await told).text).toBe('b');
      expect(front.member('a').status).toBe('E');
      expect(front.member('a').retryInMs).toBeGreaterThan(0);
      expect((await ask(front.port)).text).toBe('b');
      expect(held).toHaveLength(1);
    });

    test('is tried by the next when the client of the one leaves', async () => {
      const { front, held } = await startRecovering();
      const client = await RawClient.connect(front.port);
      client.send(['GET / HTTP/1.1', 'Host: a']);
      await until(() => held.length === 1);
      client.socket.destroy();
      await once(held[0]!, 'close');
      await until(() => front.member('a').busy === 0);
      expect(front.member('a').status).toBe('E');

      const next = ask(front.port);
      await until(() => held.length === 2);
      held[1]!.end('a');
      expect((await next).text).toBe('a');
      expect(front.member('a').status).toBe('');
    });
  });

  test('recovers, though the connection that it was tried on was just being closed', async () => {
    let requests = 0;
    const backend = await startBackend('a', (req, res, { connection }) => {
      requests += 1;
      if (requests === 1) res.writeHead(500).end('a');
      else if (connection === 0) req.socket.resetAndDestroy();
      else res.end('a');
    });
    const other = await startBackend('b');
    const front = await startToldFront({
      ...sender,
      failonstatus: 500,
      members: [
        { url: backend.url, route: 'a', retry: '50ms' },
        { url: other.url, route: 'b', lbset: 1 },
      ],
    });
    expect((await ask(front.port)).status).toBe(500);
    expect(front.member('a').status).toBe('E');
    passUntilDue(front, 'a');
    expect((await ask(front.port)).text).toBe('a');
    expect(front.stories()[1]).toMatch(/^a reset \w+, a again answered 200$/);
    expect(front.member('a')).toMatchObject({ status: '', retries: 0 });
  });

  test('when all are, the first that answers serves', async () => {
    const members = await keepMembers(['a', 'b']);
    const front = await startToldFront({ ...sender, members: members.definitions });
    for (const member of members) await member.refuse();
    expect(await askStatuses(front.port, 2)).toEqual([503, 503]);
    await members.b.recover();
    expect(await askStatuses(front.port, 4)).toEqual([200, 200, 200, 200]);
    expect(front.member('b').status).toBe('');
  });

  describe('killed and restarted under a loop of requests', () => {
    /** Asks until there are as many answers, so many at a time; `at` runs after so many. */
    async function load(
      port: number,
      total: number,
      parallel: number,
      at: Readonly<Record<number, () => Promise<void>>>,
    ): Promise<readonly Told[]> {
      const told: Told[] = [];
      let asked = 0;
      const events: Promise<void>[] = [];
      async function work(): Promise<void> {
        while (asked < total) {
          const path = `/${asked}`;
          asked += 1;
          told.push(await ask(port, { path }));
          const event = at[told.length];
          if (event) events.push(event());
        }
      }
      await Promise.all(Array.from({ length: parallel }, work));
      await Promise.all(events);
      return told;
    }

    test('costs no GET its answer, and gets its share again', async () => {
      // Some requests are held back, so that the kill finds them in flight.
      let holds = false;
      const answer = (name: string) => (_req: IncomingMessage, res: ServerResponse) => {
        if (name === 'b' || !holds) res.end(name.repeat(2_000));
      };
      const a = await startBackend('a', answer('a'));
      const b = await startBackend('b', answer('b'));
      const front = await startToldFront({
        ...sender,
        members: [
          { url: a.url, route: 'a', retry: '20ms' },
          { url: b.url, route: 'b' },
        ],
      });
      const told = await load(front.port, 300, 20, {
        90: () => {
          holds = true;
          return Promise.resolve();
        },
        100: async () => {
          await a.stop();
          holds = false;
        },
        200: () => a.start(),
      });
      expect(told).toHaveLength(300);
      expect(front.stories().filter((story) => story.startsWith('a reset')).length).toBeGreaterThanOrEqual(5);
      const failed = told.filter(({ status, whole }) => status !== 200 || !whole);
      expect(failed).toEqual([]);
      expect(front.errors).toEqual([]);

      passUntilDue(front, 'a');
      const after = await load(front.port, 40, 4, {});
      expect(after.filter(({ text }) => text.startsWith('a')).length).toBeGreaterThanOrEqual(15);
      expect(front.member('a').status).toBe('');
    });
  });
});
