import { describe, expect, test } from '@jest/globals';
import { linesFor } from './support.ts';

const byhash = { lbmethod: 'byhash' };

describe('what byhash keeps on one member', () => {
  test.each<[Readonly<Record<string, unknown>>]>([
    [{ ...byhash, hashKey: 'ip', hashBalance: 1 }],
    [{ ...byhash, hashKey: { header: 'x-user' }, hashBalance: false }],
    [{ ...byhash, hashKey: { cookie: 'user' } }],
    [{ ...byhash, hashKey: () => 'x' }],
    [{ ...byhash, hashKey: { header: undefined, cookie: 'user' } }],
  ])('%j passes', (given) => {
    expect(linesFor(given)).toEqual([]);
  });

  test.each<[Readonly<Record<string, unknown>>, string]>([
    [{ hashKey: 'ip' }, "hashKey is 'ip': it is for byhash; write lbmethod: 'byhash' too, or leave it out"],
    [
      { lbmethod: 'random', hashBalance: 1.5 },
      "hashBalance is 1.5: it is for byhash; write lbmethod: 'byhash' too, or leave it out",
    ],
    [
      { lbmethod: () => undefined, hashKey: 'ip' },
      "hashKey is 'ip': it is for byhash; write lbmethod: 'byhash' too, or leave it out",
    ],
    [{ ...byhash, hashKey: 'source' }, "hashKey is 'source': there is no such key; write 'ip'"],
    [
      { ...byhash, hashKey: 'x-user' },
      "hashKey is 'x-user': there is no such key; write 'ip', { header: 'x-user' }, { cookie: 'user' } or (req: Request) => req.user?.id",
    ],
    [
      { ...byhash, hashKey: {} },
      "hashKey is an object: it must be one thing; write 'ip', { header: 'x-user' }, { cookie: 'user' } or (req: Request) => req.user?.id",
    ],
    [
      { ...byhash, hashKey: { header: 'a b' } },
      "hashKey.header is 'a b': it must be a field's name: letters, digits and !#$%&'*+-.^_`|~; write one such as 'x-user'",
    ],
    [
      { ...byhash, hashKey: { cookie: '' } },
      "hashKey.cookie is '': it must be a cookie's name: letters, digits and !#$%&'*+-.^_`|~; write one such as 'user'",
    ],
    [{ ...byhash, hashKey: { field: 'a' } }, "hashKey.field is 'a': there is no such option; write header"],
    [{ ...byhash, hashKey: { ip: true } }, "hashKey.ip is true: the address is a word; write hashKey: 'ip'"],
    [{ ...byhash, hashkey: 'ip' }, "hashkey is 'ip': there is no such option; write hashKey"],
    [{ ...byhash, hashKey: { 'x y': 'a' } }, "hashKey['x y'] is 'a': there is no such option; leave it out"],
    [
      { ...byhash, hashKey: { header: 'a', cookie: 'b' } },
      "hashKey is an object: it must be one thing; write 'ip', { header: 'x-user' }, { cookie: 'user' } or (req: Request) => req.user?.id",
    ],
    [
      { ...byhash, hashBalance: 0.5 },
      'hashBalance is 0.5: it must be a factor, or false; write a number from 1 to 100',
    ],
    [
      { ...byhash, hashBalance: NaN },
      'hashBalance is NaN: it must be a factor, or false; write a number from 1 to 100',
    ],
    [{ ...byhash, hashBalance: 125 }, 'hashBalance is 125: it must be a factor; write 1.25 for 125 %'],
    [
      { ...byhash, hashBalance: true },
      'hashBalance is true: it must be a factor, or false; write a number from 1 to 100',
    ],
  ])('%j is answered in one line', (given, line) => {
    expect(linesFor(given)).toEqual([line]);
  });
});
