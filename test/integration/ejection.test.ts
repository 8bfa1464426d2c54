import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import type { Ejection, MemberParameters } from '../../src/index.ts';
import { ask, askStatuses, type Asked } from '../support/ask.ts';
import { startBackend, type Backend } from '../support/backend.ts';
import { watchStates } from '../support/checked.ts';
import { startFaulty, type Fault, type MidAnswerFault } from '../support/faults.ts';
import { senders, type FrontOptions } from '../support/front.ts';
import { isIdle, tidyUp, until } from '../support/idle.ts';
import { askInTurn } from '../support/load.ts';
import { RawClient } from '../support/raw-client.ts';
import { startToldFront, type ToldFront } from '../support/stories.ts';
import { stopTime, type StoppedTime } from '../support/time.ts';

afterEach(tidyUp);

const three: Ejection = { consecutive: 3, rate: false };

describe.each(senders)('%s: ejection', (_sender, sender) => {
  /** Every request tries `a` first; `b` serves when `a` does not. */
  async function startEjecting(
    a: Backend,
    ejection: boolean | Ejection = three,
    parameters: MemberParameters = {},
    options: FrontOptions = {},
  ): Promise<ToldFront> {
    const b = await startBackend('b');
    return startToldFront(
      {
        ...sender,
        ejection,
        members: [
          { url: a.url, route: 'a', ...parameters },
          { url: b.url, route: 'b', lbset: 1 },
        ],
      },
      options,
    );
  }

  /** A backend that answers with the status that the path says. */
  function startObedient(name = 'a'): Promise<Backend> {
    return startBackend(name, (req, res) => res.writeHead(Number(req.url!.slice(1)) || 200).end(name));
  }

  /** Asks the member for answers of these statuses, one after the other. */
  async function askFor(front: ToldFront, statuses: readonly number[]): Promise<readonly number[]> {
    const told: number[] = [];
    for (const status of statuses) told.push((await ask(front.port, { path: `/${status}` })).status);
    return told;
  }

  describe('of a member that answers badly', () => {
    test.each([500, 502, 503, 504, 599])('%i in a row: it is left alone, and told of', async (status) => {
      const front = await startEjecting(await startObedient());
      const states = watchStates(front);
      const ejections: unknown[] = [];
      front.balancer.on('ejection', (event) => ejections.push(event));
      // What it answers is the client's all the same.
      expect(await askFor(front, [status, status, status])).toEqual([status, status, status]);
      expect(states.lines()).toEqual(['a: ok -> E, ejected']);
      expect(ejections).toEqual([
        { balancer: 'balancer', member: 'a', url: front.member('a').url, timeMs: 30_000 },
      ]);
      expect(front.member('a')).toMatchObject({ ejected: true, inError: true, failures: 3 });
      expect(await askInTurn(front.port, 4)).toBe('b b b b');
    });

    test.each<[Fault | MidAnswerFault, boolean]>([
      ['resets the connection', false],
      ['closes the connection', false],
      ['stays silent', true],
      ['answers garbage', false],
      ['sends a head too long', false],
      ['resets in a counted body', false],
      ['closes in a chunked body', false],
      ['stalls in a counted body', true],
    ])('it %s, three times in a row', async (fault, isSilent) => {
      const backend = await startFaulty(fault);
      const front = await startEjecting(backend, three, {
        ...(isSilent ? { timeout: '50ms', connectiontimeout: '20s' } : {}),
      });
      expect(await askStatuses(front.port, 3)).toEqual([200, 200, 200]);
      expect(backend.begun).toHaveLength(3);
      expect(front.member('a')).toMatchObject({ ejected: true, failures: 3 });
      expect(await askInTurn(front.port, 3)).toBe('b b b');
      expect(backend.begun).toHaveLength(3);
    });

    test('it sends heads that cannot be relayed', async () => {
      const backend = await startBackend('a', (req) => {
        req.socket.write('HTTP/1.1 200 O\x01K\r\nContent-Length: 2\r\n\r\nok');
      });
      const front = await startEjecting(backend);
      expect(await askStatuses(front.port, 3)).toEqual([200, 200, 200]);
      expect(front.member('a')).toMatchObject({ ejected: true, failures: 3 });
    });

    test('answers in between that are whole begin the row anew', async () => {
      const front = await startEjecting(await startObedient());
      await askFor(front, [500, 500, 200, 500, 500, 404, 500, 500]);
      expect(front.member('a')).toMatchObject({ ejected: false, status: '', failures: 6 });
      await askFor(front, [500]);
      expect(front.member('a').ejected).toBe(true);
    });

    test('half of many, by their share', async () => {
      const front = await startEjecting(await startObedient(), {
        consecutive: false,
        rate: 0.5,
        minRequests: 6,
      });
      await askFor(front, [500, 200, 500, 200, 500]);
      // More than half, but of too few.
      expect(front.member('a').ejected).toBe(false);
      await askFor(front, [200, 200, 500]);
      expect(front.member('a').ejected).toBe(true);
    });

    test('half answers count once, and whole ones beside them', async () => {
      let count = 0;
      const backend = await startBackend('a', (req, res) => {
        count += 1;
        if (count % 3 > 0) res.end('a');
        else req.socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf');
      });
      // A third is bad: that would be more than 0.4 of whole answers and halves counted twice.
      const front = await startEjecting(backend, { consecutive: false, rate: 0.4, minRequests: 6 });
      await askStatuses(front.port, 12);
      expect(front.member('a')).toMatchObject({ ejected: false, failures: 4 });
    });
  });

  describe('takes out at most a share', () => {
    test.each([
      [0.5, ['E', 'E', '', '']],
      [0.3, ['E', '', '', '']],
      [0.2, ['', '', '', '']],
      [1, ['E', 'E', 'E', '']],
    ])('of %d', async (maxEjected, flags) => {
      const bad = await Promise.all(
        ['a', 'b', 'c'].map((name) => startBackend(name, (_req, res) => res.writeHead(500).end(name))),
      );
      const good = await startBackend('d');
      const front = await startToldFront({
        ...sender,
        ejection: { consecutive: 2, rate: false, maxEjected },
        members: [...bad, good].map(({ url }, i) => ({ url, route: 'abcd'[i]! })),
      });
      await askStatuses(front.port, 20);
      expect(front.balancer.view().map(({ status }) => status)).toEqual(flags);
    });

    test('by default never the only one', async () => {
      const backend = await startBackend('a', (_req, res) => res.writeHead(500).end());
      const front = await startToldFront({ ...sender, ejection: true, members: [backend.url] });
      expect(await askStatuses(front.port, 30)).toEqual(Array(30).fill(500));
      expect(front.balancer.view()[0]).toMatchObject({ ejected: false, failures: 30 });
    });
  });

  describe('is not for', () => {
    const one: Ejection = { consecutive: 1, rate: false };

    async function expectSpared(front: ToldFront, failures = 0): Promise<void> {
      await until(() => isIdle(front));
      expect(front.member('a')).toMatchObject({ status: '', ejected: false, failures });
    }

    test.each([400, 401, 404, 409, 429, 499, 501, 505])('%i', async (status) => {
      const front = await startEjecting(await startObedient(), one);
      expect(await askFor(front, [status, status])).toEqual([status, status]);
      await expectSpared(front);
    });

    test('a client that leaves, before the answer or in it', async () => {
      const held: ServerResponse[] = [];
      const front = await startEjecting(await startBackend('a', (_req, res) => held.push(res)), one);
      for (const begins of [false, true]) {
        const client = await RawClient.connect(front.port);
        client.send(['GET / HTTP/1.1', 'Host: a']);
        await until(() => held.length > 0);
        const res = held.pop()!;
        if (begins) {
          res.write('half');
          await client.readHead();
        }
        client.socket.resetAndDestroy();
        await until(() => res.destroyed);
      }
      await expectSpared(front);
    });

    test('a client that breaks off its upload', async () => {
      const backend = await startBackend('a');
      const front = await startEjecting(backend, one);
      for (const lines of [['Content-Length: 100'], ['Transfer-Encoding: chunked']]) {
        const client = await RawClient.connect(front.port);
        const before = backend.begun.length;
        client.send(['POST / HTTP/1.1', 'Host: a', ...lines], '5\r\nhello\r\n');
        await until(() => backend.begun.length > before);
        client.socket.destroy();
        await until(() => isIdle(front));
      }
      expect(front.stories()).toEqual(['a client-gone', 'a client-gone']);
      await expectSpared(front);
    });

    test('a client that sends what cannot be forwarded', async () => {
      const front = await startEjecting(await startBackend('a'), one);
      const client = await RawClient.connect(front.port);
      expect((await client.ask(['GET / HTTP/1.1', 'Host: a b'])).status).toBe(400);
      await client.send(['POST / HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked'], 'zz\r\n').readRest();
      await expectSpared(front);
    });

    test('an app that answers itself meanwhile', async () => {
      const backend = await startBackend('a', () => undefined);
      const front = await startEjecting(
        backend,
        one,
        {},
        {
          before: (app) =>
            app.use((_req, res, next) => {
              next();
              void until(() => backend.received.length > 0).then(() => res.status(500).end('mine'));
            }),
        },
      );
      expect((await ask(front.port)).text).toBe('mine');
      await expectSpared(front);
    });

    test('an app that throws when the head is written', async () => {
      const front = await startEjecting(
        await startBackend('a'),
        one,
        {},
        {
          before: (app) =>
            app.use((_req, res, next) => {
              res.writeHead = () => {
                Reflect.deleteProperty(res, 'writeHead');
                throw new Error('the hook of the app');
              };
              next();
            }),
        },
      );
      await ask(front.port);
      await ask(front.port, { method: 'POST' });
      await expectSpared(front);
    });

    test('a member whose errors are ignored', async () => {
      const front = await startEjecting(await startObedient(), one, { status: 'I' });
      expect(await askFor(front, [500, 500, 500])).toEqual([500, 500, 500]);
      await until(() => isIdle(front));
      expect(front.member('a')).toMatchObject({ status: 'I', ejected: false, failures: 3 });
    });

    test('anybody, without the option', async () => {
      const front = await startEjecting(await startObedient(), false);
      expect(await askFor(front, Array<number>(30).fill(500))).toEqual(Array(30).fill(500));
      await expectSpared(front, 30);
    });
  });

  describe('ends', () => {
    const timeMs = 100;
    let time: StoppedTime;

    beforeEach(() => {
      time = stopTime();
    });

    /** `a` is ejected, and its time is over. */
    async function startDue(asked: Asked = {}): Promise<ToldFront> {
      const front = await startEjecting(
        await startObedient(),
        { ...three, time: `${timeMs}ms` },
        { retry: 3_600 },
      );
      await askFor(front, [500, 500, 500]);
      expect(front.member('a').retryInMs).toBe(timeMs);
      expect((await ask(front.port, asked)).text).toBe('b');
      passUntilDue(front);
      return front;
    }

    function passUntilDue(front: ToldFront): void {
      time.pass(front.member('a').retryInMs!);
    }

    test('with a trial that is answered well', async () => {
      const front = await startDue();
      const states = watchStates(front);
      expect(await askFor(front, [200])).toEqual([200]);
      expect(states.lines()).toEqual(['a: E -> ok, recovered']);
      expect(front.member('a')).toMatchObject({ ejected: false, retries: 0, retryInMs: undefined });
      // Its past is forgotten: it takes three in a row again.
      await askFor(front, [500, 500]);
      expect(front.member('a').ejected).toBe(false);
    });

    test('with a trial that says what the member has not got', async () => {
      const front = await startDue();
      expect(await askFor(front, [501])).toEqual([501]);
      expect(front.member('a').status).toBe('');
    });

    test('not with one that is answered badly: it is out for twice as long', async () => {
      const front = await startDue();
      const states = watchStates(front);
      const ejections: unknown[] = [];
      front.balancer.on('ejection', (event) => ejections.push(event));
      for (const times of [2, 4]) {
        expect(await askFor(front, [500])).toEqual([500]);
        expect(front.member('a')).toMatchObject({ ejected: true, retries: times / 2 });
        expect(front.member('a').retryInMs).toBe(times * timeMs);
        passUntilDue(front);
      }
      // It has been in error all along, and is told of with its new time.
      expect(states.lines()).toEqual([]);
      expect(ejections).toMatchObject([{ timeMs: 2 * timeMs }, { timeMs: 4 * timeMs }]);
      expect(await askFor(front, [200])).toEqual([200]);
      expect(front.member('a').status).toBe('');
    });

    test('not with one that nobody waits for any more', async () => {
      const held: ServerResponse[] = [];
      let isBad = true;
      const backend = await startBackend('a', (_req, res) => {
        if (isBad) res.writeHead(500).end('a');
        else held.push(res);
      });
      const front = await startEjecting(backend, { ...three, time: '20ms' });
      await askStatuses(front.port, 3);
      isBad = false;
      passUntilDue(front);
      const client = await RawClient.connect(front.port);
      client.send(['GET / HTTP/1.1', 'Host: a']);
      await until(() => held.length === 1);
      client.socket.destroy();
      await until(() => isIdle(front));
      expect(front.member('a')).toMatchObject({ ejected: true, retryInMs: 0 });
      const next = ask(front.port);
      await until(() => held.length === 2);
      held[1]!.end('a');
      expect((await next).text).toBe('a');
      expect(front.member('a').ejected).toBe(false);
    });

    test('when somebody clears its error', async () => {
      const front = await startEjecting(await startObedient());
      await askFor(front, [500, 500, 500]);
      front.balancer.change('a', '-E');
      expect((await ask(front.port)).text).toBe('a');
      expect(front.member('a')).toMatchObject({ ejected: false, status: '' });
    });
  });
});
