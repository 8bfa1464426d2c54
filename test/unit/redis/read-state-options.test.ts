import { describe, expect, test } from '@jest/globals';
import { createClient } from 'redis';
import { DefinitionError } from '../../../src/definition/problem.ts';
import { readStateOptions } from '../../../src/redis/read-state-options.ts';
import { redisState } from '../../../src/redis/redis-state.ts';

const url = 'redis://localhost';

function complain(options: unknown): readonly string[] {
  try {
    readStateOptions(options);
  } catch (error) {
    if (error instanceof DefinitionError)
      return error.problems.map(
        ({ path, given, problem, advice }) => `${path} is ${given}: ${problem}; ${advice}`,
      );
    throw error;
  }
  return [];
}

describe('the options of redisState', () => {
  test('are complete with a URL alone', () => {
    expect(readStateOptions({ url })).toEqual({
      way: { url },
      prefix: 'express-proxy-balancer',
      expiryMs: 6_000,
      keepMs: 604_800_000,
      busy: false,
      logger: console,
    });
  });

  test('are taken as they are written', () => {
    const client = createClient();
    const settings = readStateOptions({ client, prefix: 'a.b:c-1', expiry: 2, keep: '1h', busy: true });
    expect(settings).toMatchObject({ prefix: 'a.b:c-1', expiryMs: 2_000, keepMs: 3_600_000, busy: true });
    expect(settings.way).toEqual({ client });
  });

  test.each([['redis://localhost:6380/3'], ['rediss://user:p%40ss@redis.example'], ['redis://[::1]:6379']])(
    'a URL such as %s is taken',
    (good) => {
      expect(complain({ url: good })).toEqual([]);
    },
  );

  test.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /options is missing/],
    ['neither', {}, /^url is missing: nothing says where Redis is/],
    ['both', { url, client: createClient() }, /^url is a string: client says where Redis is/],
    ['another scheme', { url: 'http://localhost' }, /must begin with redis:\/\/ or rediss:\/\//],
    ['no URL', { url: 'localhost' }, /it is no URL/],
    ['no host', { url: 'redis:///1' }, /it has no host/],
    ['a path', { url: 'redis://localhost/one' }, /number of a database/],
    ['a query', { url: 'redis://localhost?db=1' }, /leave out what follows/],
    ['a bad escape', { url: 'redis://:50%@localhost' }, /write %25/],
    ['no text', { url: 7 }, /it must be a text/],
    ['no client', { client: {} }, /it is no client of the package redis/],
    ['a null client', { client: null }, /it is no client of the package redis/],
    ['an empty prefix', { url, prefix: '' }, /1 to 64 letters/],
    ['a brace in the prefix', { url, prefix: 'a}b' }, /1 to 64 letters/],
    ['a long prefix', { url, prefix: 'x'.repeat(65) }, /1 to 64 letters/],
    ['a short expiry', { url, expiry: '1s' }, /^expiry is '1s': it is too short; write '2s' to '1h'/],
    ['a long expiry', { url, expiry: '2h' }, /it is too long/],
    ['milliseconds', { url, expiry: 6000 }, /write 6 for seconds or '6000ms'/],
    ['a keep below the expiry', { url, expiry: '1m', keep: '30s' }, /^keep is '30s': it is shorter/],
    ['a word', { url, busy: 'yes' }, /write true/],
    ['no logger', { url, logger: {} }, /it has no info/],
    ['a misspelling', { url, prefixx: 'a' }, /write prefix$/],
    ['a word of another package', { url, ttl: 5 }, /write expiry$/],
  ])('%s is refused with what to write', (_what, options, complaint) => {
    expect(complain(options).join('\n')).toMatch(complaint);
  });

  test('a misspelt url is not missing as well', () => {
    expect(complain({ uri: url })).toEqual(['uri is a string: there is no such option; write url']);
  });

  test('every fault is told at once', () => {
    expect(complain({ url: 'x', prefix: '', expiry: 0, busy: 1 })).toHaveLength(4);
  });

  test.each([
    { url: 'http://user:geheim@localhost' },
    { uri: 'redis://:geheim@localhost' },
    { url: 'redis://localhost', password: 'geheim' },
    { url: 'redis://:geheim@localhost', client: createClient() },
  ])('a password is never shown', (options) => {
    expect(complain(options)).toHaveLength(1);
    expect(complain(options).join()).not.toContain('geheim');
  });

  test('are checked before anything is connected', () => {
    expect(() => redisState({ url: 'nowhere' })).toThrow(DefinitionError);
  });
});
