import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { MemberSettings } from '../../../src/definition/settings.ts';
import type { AskContext } from '../../../src/discovery/ask-dns.ts';
import { createDiscovery, type Discovery } from '../../../src/discovery/discovery.ts';
import type { DnsAnswer, DnsError, Question, Server } from '../../../src/discovery/dns-answer.ts';
import { makeServer, makeTemplate } from './support.ts';

type Asked = Readonly<{
  question: Question;
  context: AskContext;
  answer: (answer: DnsAnswer) => Promise<void>;
}>;

/** The questions that were asked, in order, each to be answered by the test. */
let asked: Asked[];
/** What was found: `template url: hosts`, with weights where they are not 1. */
let found: string[];
let logged: string[];
let chance: number;
let discovery: Discovery;

beforeEach(() => {
  jest.useFakeTimers();
  asked = [];
  found = [];
  logged = [];
  chance = 0;
  discovery = createDiscovery({
    name: 'app-balancer',
    resolver: () => ['10.0.0.53'],
    random: () => chance,
    found: (template, members) => {
      const list = members.map(
        ({ hostname, lbfactor }) => hostname + (lbfactor === 100 ? '' : `*${lbfactor}`),
      );
      found.push(`${template.hostname}: ${list.join(' ')}`);
    },
    logger: {
      info: (text: string) => logged.push(`info ${text}`),
      warn: (text: string) => logged.push(`warn ${text}`),
      error: (text: string, error: unknown) => logged.push(`error ${text} ${String(error)}`),
    },
    ask: (question, context) => {
      const { promise, resolve } = Promise.withResolvers<DnsAnswer>();
      const answer = async (given: DnsAnswer): Promise<void> => {
        resolve(given);
        await jest.advanceTimersByTimeAsync(0);
      };
      asked.push({ question, context, answer });
      return promise;
    },
  });
});

afterEach(() => {
  discovery.close();
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

function find(
  hosts: readonly (string | Server)[],
  ttlMs = 10_000,
  more: { leftOut?: number } = {},
): DnsAnswer {
  const servers = hosts.map((host) => (typeof host === 'string' ? makeServer(host) : host));
  return { kind: 'found', servers, ttlMs, partly: undefined, leftOut: 0, ...more };
}

function makeError(code: string): DnsError {
  return Object.assign(new Error(`queryA ${code} app.internal`), { code });
}

function fail(code = 'ESERVFAIL'): DnsAnswer {
  return { kind: 'failed', cause: makeError(code) };
}

/** How long it takes until the next question, in milliseconds. */
async function timeNext(): Promise<number> {
  const begun = Date.now();
  const before = asked.length;
  while (asked.length === before) await jest.advanceTimersToNextTimerAsync();
  return Date.now() - begun;
}

const template = makeTemplate();
const other = makeTemplate({ hostname: 'other.internal', url: 'http://other.internal:3000/base/' });

describe('what is asked', () => {
  test('is each name, at once, by its kind; members that are servers are not', () => {
    const srv = makeTemplate({ resolve: 'SRV', url: 'http://srv.internal/', hostname: 'srv.internal' });
    discovery.sync([template, makeTemplate({ resolve: undefined }), srv]);
    expect(asked.map(({ question }) => question)).toEqual([
      { name: 'app.internal', resolve: 'A' },
      { name: 'srv.internal', resolve: 'SRV' },
    ]);
    expect(asked[0]!.context.resolver).toEqual(['10.0.0.53']);
  });

  test('comes with the servers that are known', async () => {
    discovery.sync([template]);
    expect(asked[0]!.context.known).toEqual([]);
    await asked[0]!.answer(find(['10.0.0.1']));
    await timeNext();
    expect(asked[1]!.context.known).toEqual([makeServer('10.0.0.1')]);
  });
});

describe('when it is asked again', () => {
  test.each([
    [10_000, 0, 10_000],
    [10_000, 0.5, 10_500],
    [0, 0, 1_000],
    [300, 0, 1_000],
    [1_000_000_000, 0, 27_000],
    [1_000_000_000, 1, 29_700],
  ])('a TTL of %d ms and the chance %d make %d ms', async (ttlMs, drawn, expected) => {
    chance = drawn;
    discovery.sync([template]);
    await asked[0]!.answer(find(['10.0.0.1'], ttlMs));
    expect(await timeNext()).toBe(expected);
  });

  test('after failures less and less often, and by the TTL again after an answer', async () => {
    discovery.sync([template]);
    const waits: number[] = [];
    for (let i = 0; i < 7; i++) {
      await asked[i]!.answer(fail());
      waits.push(await timeNext());
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    await asked[7]!.answer(find(['10.0.0.1'], 5_000));
    expect(await timeNext()).toBe(5_000);
    await asked[8]!.answer(fail());
    expect(await timeNext()).toBe(1_000);
  });

  test('a question under way is not asked twice', async () => {
    discovery.sync([template]);
    await jest.advanceTimersByTimeAsync(1_000_000);
    expect(asked).toHaveLength(1);
  });

  test('the process is not kept alive for it', async () => {
    jest.useRealTimers();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const real = createDiscovery({
      name: 'app-balancer',
      resolver: () => [],
      random: () => 0,
      found: () => {
        resolve(undefined);
      },
      logger: console,
      ask: () => Promise.resolve(find(['10.0.0.1'])),
    });
    const countTimers = (): number =>
      process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length;
    const before = countTimers();
    try {
      real.sync([template]);
      await promise;
      expect(countTimers()).toBe(before);
    } finally {
      real.close();
      jest.useFakeTimers();
    }
  });
});

describe('what is told', () => {
  test('are the members, when they are known first and when they have changed', async () => {
    discovery.sync([template]);
    expect(found).toEqual([]);
    const answers = [
      ['10.0.0.1'],
      ['10.0.0.1'],
      ['10.0.0.2', '10.0.0.1'],
      ['10.0.0.1', '10.0.0.2'],
      ['10.0.0.2'],
    ];
    for (const [i, hosts] of answers.entries()) {
      await asked[i]!.answer(find(hosts));
      await timeNext();
    }
    expect(found).toEqual([
      'app.internal: 10.0.0.1',
      'app.internal: 10.0.0.1 10.0.0.2',
      'app.internal: 10.0.0.2',
    ]);
  });

  test('are other weights and other priorities too', async () => {
    discovery.sync([template]);
    const answers: readonly (readonly [weight: number, priority: number])[] = [
      [1, 0],
      [2, 0],
      [2, 0],
      [2, 1],
    ];
    for (const [i, [weight, priority]] of answers.entries()) {
      const servers = [
        makeServer('10.0.0.1', { weight: 1, priority: 0 }),
        makeServer('10.0.0.2', { weight, priority }),
      ];
      await asked[i]!.answer(find(servers));
      await timeNext();
    }
    expect(found).toEqual([
      'app.internal: 10.0.0.1 10.0.0.2',
      'app.internal: 10.0.0.1 10.0.0.2*200',
      'app.internal: 10.0.0.1 10.0.0.2',
    ]);
  });

  test('is nothing after a failure: the servers of before stay', async () => {
    discovery.sync([template]);
    await asked[0]!.answer(find(['10.0.0.1']));
    await timeNext();
    await asked[1]!.answer(fail('ENOTFOUND'));
    await timeNext();
    await asked[2]!.answer(find(['10.0.0.1']));
    expect(found).toEqual(['app.internal: 10.0.0.1']);
  });

  test('an error of who is told is logged, and the members are told again', async () => {
    discovery.close();
    discovery = createDiscovery({
      name: 'app-balancer',
      resolver: () => [],
      random: () => 0,
      found: () => {
        throw new Error('no room');
      },
      logger: { info: () => undefined, warn: () => undefined, error: (text: string) => logged.push(text) },
      ask: () => Promise.resolve(find(['10.0.0.1'])),
    });
    discovery.sync([template]);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(logged).toEqual(
      new Array(2).fill('[app-balancer] http://app.internal:3000/base/: its servers cannot be used:'),
    );
  });
});

describe('the log', () => {
  test('has one warning for a row of failures, and a word when it is over', async () => {
    discovery.sync([template]);
    for (let i = 0; i < 3; i++) {
      await asked[i]!.answer(fail());
      await timeNext();
    }
    await asked[3]!.answer(find(['10.0.0.1']));
    await timeNext();
    await asked[4]!.answer(find(['10.0.0.1']));
    await timeNext();
    await asked[5]!.answer(fail('ETIMEOUT'));
    expect(logged).toEqual([
      'warn [app-balancer] http://app.internal:3000/base/: DNS fails (queryA ESERVFAIL app.internal); ' +
        'check what 10.0.0.53 answer for this name; there is no server yet',
      'info [app-balancer] http://app.internal:3000/base/: DNS tells its servers again',
      'warn [app-balancer] http://app.internal:3000/base/: DNS does not answer (queryA ETIMEOUT app.internal); ' +
        'check that 10.0.0.53 can be reached, or set resolver; the servers it told of before are kept',
    ]);
  });

  test('tells of an answer that fails in part, which is used and asked for again soon', async () => {
    discovery.sync([template]);
    await asked[0]!.answer({ ...find(['10.0.0.1']), partly: makeError('ETIMEOUT') } as DnsAnswer);
    expect(found).toEqual(['app.internal: 10.0.0.1']);
    expect(logged).toEqual([expect.stringMatching(/^warn .*DNS does not answer/)]);
    expect(await timeNext()).toBe(1_000);
  });

  test('tells once that there are too many servers', async () => {
    discovery.sync([template]);
    for (let i = 0; i < 2; i++) {
      await asked[i]!.answer(find(['10.0.0.1'], 1_000, { leftOut: 7 }));
      await timeNext();
    }
    expect(logged).toEqual([
      'warn [app-balancer] http://app.internal:3000/base/: DNS tells of 8 servers; the first 1 are used: ' +
        'check the name, or spread them over several',
    ]);
  });
});

describe('other templates', () => {
  test('a new one is asked for, one that was there is not asked again', () => {
    discovery.sync([template]);
    discovery.sync([template, other]);
    expect(asked.map(({ question }) => question.name)).toEqual(['app.internal', 'other.internal']);
  });

  test('one that is gone is forgotten, its question called off, its answer not heard', async () => {
    discovery.sync([template, other]);
    discovery.sync([other]);
    expect(asked.map(({ context }) => context.signal.aborted)).toEqual([true, false]);
    await asked[0]!.answer(find(['10.0.0.1']));
    await asked[1]!.answer(find(['10.0.0.2']));
    expect(found).toEqual(['other.internal: 10.0.0.2']);
    expect(await timeNext()).toBe(10_000);
    expect(asked.map(({ question }) => question.name)).toEqual([
      'app.internal',
      'other.internal',
      'other.internal',
    ]);
  });

  test('one that comes back is new', async () => {
    discovery.sync([template]);
    await asked[0]!.answer(find(['10.0.0.1']));
    discovery.sync([]);
    discovery.sync([template]);
    expect(discovery.isPending()).toBe(true);
    await asked[1]!.answer(find(['10.0.0.1']));
    expect(found).toEqual(['app.internal: 10.0.0.1', 'app.internal: 10.0.0.1']);
  });

  test('other settings of one that is known are told at once, without a question', async () => {
    discovery.sync([template]);
    await asked[0]!.answer(find(['10.0.0.1']));
    discovery.sync([makeTemplate({ lbfactor: 300 })]);
    expect(found).toEqual(['app.internal: 10.0.0.1', 'app.internal: 10.0.0.1*300']);
    expect(asked).toHaveLength(1);
  });

  test('the same settings of one that is known are not told again', async () => {
    discovery.sync([template]);
    await asked[0]!.answer(find(['10.0.0.1']));
    discovery.sync([template]);
    expect(found).toEqual(['app.internal: 10.0.0.1']);
  });

  test('other settings that come before the answer are those that are told', async () => {
    discovery.sync([template]);
    discovery.sync([makeTemplate({ lbfactor: 300 })]);
    expect(found).toEqual([]);
    await asked[0]!.answer(find(['10.0.0.1']));
    expect(found).toEqual(['app.internal: 10.0.0.1*300']);
  });

  test.each<readonly [string, Partial<MemberSettings>]>([
    ['another route', { route: 'app' }],
    ['SRV instead of addresses', { resolve: 'SRV' }],
  ])('%s is asked for anew', (_what, more) => {
    discovery.sync([template]);
    discovery.sync([makeTemplate(more)]);
    expect(asked.map(({ context }) => context.signal.aborted)).toEqual([true, false]);
  });
});

describe('settled', () => {
  /** Whether it has settled by now. */
  async function hasSettled(settled: Promise<void>): Promise<boolean> {
    let has = false;
    void settled.then(() => {
      has = true;
    });
    await jest.advanceTimersByTimeAsync(0);
    return has;
  }

  test('is each template with its first answer or failure, once its members are told', async () => {
    discovery.sync([template, other]);
    let atSettled: string[] | undefined;
    const settled = discovery.whenSettled().then(() => {
      atSettled = [...found];
    });
    await asked[0]!.answer(fail());
    expect([discovery.isPending(), await hasSettled(settled)]).toEqual([true, false]);
    await asked[1]!.answer(find(['10.0.0.2']));
    expect([discovery.isPending(), await hasSettled(settled)]).toEqual([false, true]);
    expect(atSettled).toEqual(['other.internal: 10.0.0.2']);
  });

  test('stays settled while the next answer is waited for', async () => {
    discovery.sync([template]);
    await asked[0]!.answer(fail());
    await timeNext();
    expect([discovery.isPending(), await hasSettled(discovery.whenSettled())]).toEqual([false, true]);
  });

  test('without templates it is settled', async () => {
    discovery.sync([]);
    expect([discovery.isPending(), await hasSettled(discovery.whenSettled())]).toEqual([false, true]);
  });

  test('a template that is gone is not waited for', async () => {
    discovery.sync([template]);
    const settled = discovery.whenSettled();
    discovery.sync([]);
    expect([discovery.isPending(), await hasSettled(settled)]).toEqual([false, true]);
  });
});

describe('closed', () => {
  test('nothing is asked, told or logged any more, and nobody waits', async () => {
    discovery.sync([template, other]);
    await asked[1]!.answer(find(['10.0.0.2']));
    const settled = discovery.whenSettled();
    discovery.close();
    await settled;
    expect(asked[0]!.context.signal.aborted).toBe(true);
    await asked[0]!.answer(fail());
    await jest.advanceTimersByTimeAsync(1_000_000);
    discovery.sync([makeTemplate({ url: 'http://new.internal/' })]);
    expect(asked).toHaveLength(2);
    expect(found).toEqual(['other.internal: 10.0.0.2']);
    expect(logged).toEqual([]);
    expect(discovery.isPending()).toBe(false);
  });

  test('by who is told, it stays closed', async () => {
    const closing: Discovery = createDiscovery({
      name: 'app-balancer',
      resolver: () => [],
      random: () => 0,
      found: () => {
        closing.close();
      },
      logger: console,
      ask: () => Promise.resolve(find(['10.0.0.1'])),
    });
    closing.sync([template]);
    await jest.advanceTimersByTimeAsync(0);
    expect(jest.getTimerCount()).toBe(0);
  });
});
