import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import express, { type Express } from 'express';
import { DefinitionError } from '../../src/definition/problem.ts';
import * as library from '../../src/index.ts';
import { insideOf } from '../../src/inside.ts';
import * as redis from '../../src/redis/index.ts';
import { readStateOptions } from '../../src/redis/read-state-options.ts';
import { deadUrl, startBackend, stopBackends } from '../support/backend.ts';
import { openGuide } from '../support/guide.ts';
import { readCode } from '../support/pages.ts';

const guide = openGuide('docs/shared-state.md');
const { readSection, readTable } = guide;
const url = 'redis://localhost';

/** Every option of `redisState`. */
const options: Readonly<Record<keyof redis.RedisStateOptions, true>> = {
  url: true,
  client: true,
  prefix: true,
  expiry: true,
  keep: true,
  busy: true,
  logger: true,
};

/** Every way in which a process stands to the others. */
const kinds: Readonly<Record<redis.HubStatus['kind'], true>> = {
  joining: true,
  shared: true,
  alone: true,
  refused: true,
  closed: true,
};

describe('the options of redisState', () => {
  const rows = readTable('Options')
    .slice(1)
    .map(([name = '', fallback = '', meaning = '']) => ({
      name: readCode(name)[0]!,
      fallback: readCode(fallback)[0],
      meaning,
    }));

  function isTaken(given: unknown): boolean {
    try {
      readStateOptions(given);
      return true;
    } catch (error) {
      if (error instanceof DefinitionError) return false;
      throw error;
    }
  }

  test('every option has a row, and every row is an option', () => {
    expect(rows.map(({ name }) => name).toSorted()).toEqual(Object.keys(options).toSorted());
  });

  test.each(rows.filter(({ fallback }) => fallback !== undefined))(
    '$name: $fallback is what leaving it out means',
    ({ name, fallback = '' }) => {
      const value: unknown = fallback === 'console' ? console : JSON.parse(fallback.replaceAll("'", '"'));
      expect(readStateOptions({ url, [name]: value })).toEqual(readStateOptions({ url }));
    },
  );

  test('one of url and client has to be there, and they have no default', () => {
    const bare = rows.filter(({ fallback }) => fallback === undefined).map(({ name }) => name);
    expect(bare.toSorted()).toEqual(['client', 'url']);
    expect(isTaken({})).toBe(false);
  });

  test('expiry is held to the bounds that are told', () => {
    const { meaning } = rows.find(({ name }) => name === 'expiry')!;
    expect(meaning).toContain('From 2 s to 1 h.');
    const taken = ['1999ms', '2s', '1h', '3601s'].map((expiry) => isTaken({ url, expiry }));
    expect(taken).toEqual([false, true, true, false]);
  });

  test('URLs begin as it is told', () => {
    const { meaning } = rows.find(({ name }) => name === 'url')!;
    const schemes = readCode(meaning);
    expect(schemes).toEqual(['redis://', 'rediss://']);
    for (const scheme of schemes) expect(isTaken({ url: `${scheme}localhost` })).toBe(true);
    expect(isTaken({ url: 'http://localhost' })).toBe(false);
  });
});

describe('the words', () => {
  test('what is shared stands in rows of two cells', () => {
    const rows = readTable('What is shared');
    expect(rows[0]).toEqual(['shared', 'how']);
    expect(rows.filter((row) => row.length !== 2)).toEqual([]);
  });

  test('state.status() knows the ways that are listed', () => {
    const [, list = ''] =
      /`state\.status\(\)\.kind` tells how it stands: (.*?)\. /.exec(readSection('Options')) ?? [];
    expect(readCode(list)).toEqual(Object.keys(kinds));
  });
});

describe('the block', () => {
  const balancers: library.Balancer[] = [];
  const states: redis.SharedState[] = [];

  afterEach(async () => {
    await guide.close();
    await Promise.all(balancers.splice(0).map((balancer) => balancer.close()));
    await Promise.all(states.splice(0).map((state) => state.close()));
    await stopBackends();
  });

  afterAll(guide.expectAllRun);

  /** The library as the block sees it; what it creates is closed in the end. */
  function modulesWith(said: string[]): Readonly<Record<string, unknown>> {
    const say = (...words: readonly unknown[]): void => {
      said.push(words.join(' '));
    };
    const logger = { info: say, warn: say, error: say };
    return {
      'express-proxy-balancer': {
        createBalancer(definition: library.BalancerDefinition) {
          const balancer = library.createBalancer({ ...definition, logger });
          balancers.push(balancer);
          return balancer;
        },
      },
      'express-proxy-balancer/redis': {
        redisState(given: redis.RedisStateOptions) {
          const state = redis.redisState({ ...given, logger });
          states.push(state);
          return state;
        },
      },
    };
  }

  test('serves without Redis, says once that it is alone, and admits whom allowMembers admits', async () => {
    const [one, two] = await Promise.all([startBackend('1'), startBackend('2')]);
    const app: Express = express();
    const said: string[] = [];
    guide.run('The option', 0, {
      replace: {
        'redis://localhost:6379': (await deadUrl()).replace('http', 'redis'),
        'http://localhost:4001': one.url,
        'http://localhost:4002': two.url,
      },
      modules: modulesWith(said),
      names: { app },
    });
    const get = await guide.serve(app);

    const bodies: string[] = [];
    for (let i = 0; i < 4; i += 1) bodies.push((await get('/')).body);
    expect(bodies).toEqual(['1', '2', '1', '2']);

    const [state] = states;
    await state!.ready();
    expect(state!.status()).toMatchObject({ kind: 'alone', why: expect.stringContaining('ECONNREFUSED') });
    expect((await get('/')).body).toBe('1');
    expect(said).toEqual([expect.stringContaining('goes on with what it knows')]);

    const [balancer] = balancers;
    expect(insideOf(balancer!).now().parts.settings.name).toBe('app-balancer');
    balancer!.add('http://app3.internal:4003/');
    expect(() => balancer!.add('http://elsewhere.example/')).toThrow('elsewhere.example');
    expect(balancer!.view().map(({ url: of }) => new URL(of).hostname)).toEqual([
      '127.0.0.1',
      '127.0.0.1',
      'app3.internal',
    ]);
  });

  test('has a name of its own in its process', () => {
    const state = redis.redisState({ url: 'redis://127.0.0.1:1', logger: false });
    states.push(state);
    const create = (name: string): library.Balancer => {
      const balancer = library.createBalancer({ name, state, members: ['http://a/'], logger: false });
      balancers.push(balancer);
      return balancer;
    };
    create('one');
    create('two');
    expect(() => create('one')).toThrow(DefinitionError);
  });
});
