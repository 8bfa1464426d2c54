import { PassThrough } from 'node:stream';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { createLive, type Live } from '../../../../src/manager/live/live.ts';
import type { Listing } from '../../../../src/manager/live/news.ts';
import type { Asked } from '../../../../src/manager/route.ts';
import type { ChangeLog } from '../../../../src/changes/change-log.ts';
import type { Report } from '../../../../src/manager/survey/report.ts';

/** An answer that is not on a socket: what was written, and whether anybody reads it. */
function createResponse() {
  const headers: Record<string, string> = {};
  // Nobody reads it unless told to: what is written stays.
  const stream = new PassThrough({ highWaterMark: 1 });
  const res = Object.assign(stream, {
    statusCode: 0,
    setHeader: (name: string, value: string) => (headers[name] = value),
    flush: () => (flushes += 1),
  });
  let text = '';
  let flushes = 0;
  const take = (): Buffer | null => res.read() as Buffer | null;
  return {
    res: res as unknown as ServerResponse,
    headers,
    isEnded: () => res.writableEnded || res.destroyed,
    isDestroyed: () => res.destroyed,
    flushes: () => flushes,
    /** Takes what was written since the last time, as events. */
    read(): readonly (readonly [event: string, data: unknown])[] {
      for (let chunk = take(); chunk !== null; chunk = take()) text += chunk.toString();
      const events = text.split('\n\n').slice(0, -1);
      text = '';
      return events.flatMap((event) => {
        const [, name, data] = /^event: (.*)\ndata: (.*)$/.exec(event) ?? [];
        return name === undefined ? [] : [[name, data === '' ? '' : (JSON.parse(data!) as unknown)] as const];
      });
    },
  };
}

/** A live page of one count, and a clock that is moved by hand. */
function createScene({
  count = '0',
  rows = 0,
  isAdmitted = (): Promise<boolean> => Promise.resolve(true),
  refresh = Promise.resolve<undefined>(undefined),
} = {}) {
  let now = 1_000_000;
  let step: (() => void) | undefined;
  let point: (() => void) | undefined;
  let endSight: (() => void) | undefined;
  let over = false;
  let reports = 0;
  let refreshes = 0;
  let listings = 0;
  let text = count;
  const failures: unknown[] = [];
  const live: Live = createLive({
    survey: {
      report: () => {
        reports += 1;
        if (text === 'broken') throw new Error('broken');
        return { at: now } as unknown as Report;
      },
      refresh: () => {
        refreshes += 1;
        return refresh;
      },
      history: () => ({
        stepMs: 2000,
        at: [now],
        balancers: { app: { app1: { rate: [7], p50: [null], p95: [9] } } },
      }),
      onPoint: (listener) => {
        point = listener;
        return () => (point = undefined);
      },
      close: () => undefined,
      decisions: () => ({ decisions: [], failovers: [] }),
    },
    changes: { list: () => [] } as unknown as ChangeLog,
    sight: {
      isOver: () => over,
      onOver: (listener) => {
        endSight = listener;
        return () => (endSight = undefined);
      },
    },
    onFailure: (error) => failures.push(error),
    *list(_report, { isReadOnly }): Generator<undefined, Listing> {
      listings += 1;
      for (let i = 0; i < rows; i += 1) yield;
      return {
        parts: new Map([['a', isReadOnly ? '<p></p>' : '<form></form>']]),
        order: new Map([['list', ['a']]]),
        cells: new Map([['a/count', { text }]]),
      };
    },
    now: () => now,
    repeat: (run) => {
      step = run;
      return () => (step = undefined);
    },
  });
  const open = ({ readOnly = false, base = '/m', method = 'GET', user = 'ann' } = {}) => {
    const response = createResponse();
    const asked = {
      req: { method } as unknown as IncomingMessage,
      user: { name: user, readOnly },
      base,
      token: 'ann’s',
      isStillAdmitted: isAdmitted,
    } as unknown as Asked;
    const answer = live.open(asked);
    if ('stream' in answer) answer.stream(response.res);
    return response;
  };
  return {
    live,
    open,
    failures,
    reports: () => reports,
    refreshes: () => refreshes,
    listings: () => listings,
    isRunning: () => step !== undefined || point !== undefined || endSight !== undefined,
    closeBalancers: () => {
      over = true;
      endSight?.();
    },
    createAnother: () => (over = false),
    show: (next: string) => (text = next),
    pass: async (seconds = 1): Promise<void> => {
      for (let i = 0; i < seconds; i += 1) {
        await new Promise(setImmediate);
        now += 1000;
        step?.();
        // For authorize to answer.
        await new Promise(setImmediate);
      }
    },
    tellPoint: () => point?.(),
  };
}

describe('a stream of events', () => {
  test('cannot be held back by caches, proxies or compression', () => {
    const { open } = createScene();
    const { headers, flushes } = open();
    expect(headers).toEqual({
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store, no-transform',
      'X-Accel-Buffering': 'no',
    });
    expect(flushes()).toBeGreaterThan(0);
  });

  test('asks at each step what other processes have counted, and waits for no answer', async () => {
    const { promise } = Promise.withResolvers<undefined>();
    const { open, pass, refreshes, show } = createScene({ count: '5', refresh: promise });
    const stream = open();
    stream.read();
    show('6');
    await pass();
    expect(refreshes()).toBe(2);
    expect(stream.read()).toEqual([['state', { at: 1_001_000, cells: { 'a/count': ['6'] } }]]);
  });

  test('begins with a token and with everything', () => {
    const stream = createScene({ count: '5' }).open();
    expect(stream.read()).toEqual([
      ['hello', { token: 'ann’s', zone: expect.any(String) }],
      [
        'state',
        { at: 1_000_000, parts: { a: '<form></form>' }, order: { list: ['a'] }, cells: { 'a/count': ['5'] } },
      ],
    ]);
  });

  test('goes on with what is different, and is silent while nothing is', async () => {
    const { open, show, pass } = createScene();
    const stream = open();
    stream.read();
    await pass();
    expect(stream.read()).toEqual([]);
    show('1');
    await pass();
    expect(stream.read()).toEqual([['state', { at: 1_002_000, cells: { 'a/count': ['1'] } }]]);
  });

  test('has a heartbeat when it was silent for 15 seconds', async () => {
    const { open, pass } = createScene();
    const stream = open();
    stream.read();
    await pass(14);
    expect(stream.read()).toEqual([]);
    await pass();
    expect(stream.read()).toEqual([['beat', 1_015_000]]);
    await pass(14);
    expect(stream.read()).toEqual([]);
  });

  test('tells each point of the history', () => {
    const { open, tellPoint } = createScene();
    const stream = open();
    stream.read();
    tellPoint();
    expect(stream.read()).toEqual([['point', { at: 1_000_000, balancers: { app: { app1: [7, null, 9] } } }]]);
  });

  test('ends after ten minutes, and asks the browser to come back', async () => {
    const { open, pass } = createScene();
    const stream = open();
    await pass(599);
    expect(stream.isEnded()).toBe(false);
    await pass();
    expect(stream.read().at(-1)).toEqual(['again', '']);
    expect(stream.isEnded()).toBe(true);
  });

  test('answers HEAD without a word', () => {
    const { open, isRunning } = createScene();
    const stream = open({ method: 'HEAD' });
    expect(stream.isEnded()).toBe(true);
    expect(stream.read()).toEqual([]);
    expect(isRunning()).toBe(false);
  });
});

describe('the work', () => {
  test('is done once for all who see the same', async () => {
    const { open, pass, reports, listings } = createScene();
    for (let i = 0; i < 5; i += 1) open();
    const [before, listed] = [reports(), listings()];
    expect(before).toBe(1);
    await pass();
    expect(reports()).toBe(before + 1);
    expect(listings()).toBe(listed + 1);
  });

  test('gives those who may only look a page of their own', async () => {
    const { open, show, pass } = createScene();
    const [writer, reader] = [open(), open({ readOnly: true })];
    await new Promise(setImmediate);
    expect(JSON.stringify(writer.read())).toContain('<form>');
    expect(JSON.stringify(reader.read())).not.toContain('<form>');
    show('1');
    await pass();
    expect(reader.read()).toEqual(writer.read());
  });

  test('is not done while nobody looks', () => {
    const { open, isRunning } = createScene();
    expect(isRunning()).toBe(false);
    const [one, other] = [open(), open()];
    expect(isRunning()).toBe(true);
    one.res.emit('close');
    expect(isRunning()).toBe(true);
    other.res.emit('close');
    expect(isRunning()).toBe(false);
    open();
    expect(isRunning()).toBe(true);
  });

  test('lets requests through between the rows of a long page, and nobody is told of half of it', async () => {
    const { open, show, pass, reports } = createScene({ rows: 3 });
    const stream = open();
    expect(stream.read().map(([event]) => event)).toEqual(['hello']);
    for (let i = 0; i < 3; i += 1) await new Promise(setImmediate);
    expect(stream.read().map(([event]) => event)).toEqual(['state']);
    show('1');
    const before = reports();
    // The next second begins while this one is not over.
    await pass(2);
    expect(reports()).toBe(before + 1);
    await new Promise(setImmediate);
    expect(stream.read()).toMatchObject([['state', { cells: { 'a/count': ['1'] } }]]);
  });

  test('goes on after a failure, which is told', async () => {
    const { open, show, pass, failures } = createScene();
    const stream = open();
    stream.read();
    show('broken');
    await pass();
    expect(failures).toHaveLength(1);
    show('2');
    await pass();
    expect(stream.read()).toMatchObject([['state', { cells: { 'a/count': ['2'] } }]]);
  });
});

describe('a client that does not read', () => {
  const long = 'x'.repeat(1024 * 1024 + 1);

  test('is told nothing more until it has read, and then what is different from what it had', async () => {
    const { open, show, pass } = createScene();
    const stream = open();
    stream.read();
    show(long);
    await pass();
    show('1');
    await pass();
    show('2');
    await pass();
    expect(
      stream
        .read()
        .map(([, data]) => (data as { cells: Record<string, [string]> }).cells['a/count']![0].length),
    ).toEqual([long.length]);
    await pass();
    expect(stream.read()).toEqual([['state', { at: 1_004_000, cells: { 'a/count': ['2'] } }]]);
  });

  test('is let go after a minute', async () => {
    const { open, show, pass, isRunning } = createScene();
    const stream = open();
    show(long);
    await pass(61);
    expect(stream.isDestroyed()).toBe(false);
    await pass();
    expect(stream.isDestroyed()).toBe(true);
    expect(isRunning()).toBe(false);
  });
});

describe('who may look', () => {
  test('is asked again every 30 seconds', async () => {
    const asked: number[] = [];
    const { open, pass } = createScene({
      isAdmitted: () => {
        asked.push(asked.length);
        return Promise.resolve(true);
      },
    });
    const stream = open();
    await pass(29);
    expect(asked).toHaveLength(0);
    await pass(61);
    expect(asked).toHaveLength(3);
    expect(stream.isEnded()).toBe(false);
  });

  test.each<[string, () => Promise<boolean>, number]>([
    ['is no longer admitted', () => Promise.resolve(false), 30],
    ['cannot be asked for', () => Promise.reject(new Error('no database')), 30],
    ['is thought about for too long', () => new Promise(() => undefined), 60],
  ])('is let go who %s', async (_, isAdmitted, after) => {
    const { open, pass } = createScene({ isAdmitted });
    const stream = open();
    await pass(after - 1);
    expect(stream.isEnded()).toBe(false);
    await pass();
    expect(stream.isEnded()).toBe(true);
  });

  const statuses = (streams: readonly ReturnType<ReturnType<typeof createScene>['open']>[]): number[] =>
    streams.map(({ res }) => res.statusCode);

  test('are twenty of one user', () => {
    const { open } = createScene();
    const streams = Array.from({ length: 21 }, (_, i) => open({ base: `/${i}` }));
    expect(statuses(streams)).toEqual([...Array<number>(20).fill(200), 503]);
    expect(open({ user: 'bob' }).res.statusCode).toBe(200);
    streams[0]!.res.emit('close');
    expect(open().res.statusCode).toBe(200);
  });

  test('are a hundred at a time', () => {
    const { open } = createScene();
    const streams = Array.from({ length: 101 }, (_, i) => open({ user: `user${i % 7}` }));
    expect(statuses(streams)).toEqual([...Array<number>(100).fill(200), 503]);
    expect(streams[100]!.isEnded()).toBe(true);
    streams[0]!.res.emit('close');
    expect(open().res.statusCode).toBe(200);
  });
});

describe('when all that could be shown is closed', () => {
  test('every stream ends, though its client does not read, and so do later ones, until there is something again', async () => {
    const { open, show, pass, isRunning, closeBalancers, createAnother } = createScene();
    const [one, stuck] = [open(), open({ readOnly: true })];
    one.read();
    show('x'.repeat(1024 * 1024 + 1));
    await pass();
    one.read();
    closeBalancers();
    expect([one.isEnded(), stuck.isDestroyed(), isRunning()]).toEqual([true, true, false]);
    const later = open();
    expect([later.isEnded(), isRunning()]).toEqual([true, false]);
    // Whatever is no stream a browser does not come back to.
    expect(later.headers['Content-Type']).toContain('text/event-stream');
    createAnother();
    expect(open().isEnded()).toBe(false);
  });
});

test('closing ends every stream, and later ones at once', () => {
  const { live, open, isRunning } = createScene();
  const [one, other] = [open(), open({ readOnly: true })];
  live.close();
  expect([one.isEnded(), other.isEnded(), isRunning()]).toEqual([true, true, false]);
  expect(open().isEnded()).toBe(true);
  expect(isRunning()).toBe(false);
});
