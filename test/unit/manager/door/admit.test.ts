import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { admit, readAdmission } from '../../../../src/manager/door/admit.ts';
import type { Authorize } from '../../../../src/manager/manager-options.ts';

describe('what authorize returns', () => {
  test.each([
    [true, 'somebody', false],
    ['ann', 'ann', false],
    [{ user: 'ann' }, 'ann', false],
    [{ user: 'ann', readOnly: true }, 'ann', true],
    [{ user: 'ann', readOnly: false }, 'ann', false],
    [{ user: 'ann', readOnly: undefined }, 'ann', false],
    [Object.assign(Object.create(null), { user: 'ann' }), 'ann', false],
  ])('%p lets in', (value, name, readOnly) => {
    expect(readAdmission(value)).toEqual({ kind: 'in', user: { name, readOnly } });
  });

  test.each([
    false,
    undefined,
    null,
    '',
    ' ',
    '\u0000\n',
    0,
    1,
    NaN,
    1n,
    Symbol('ann'),
    [],
    ['ann'],
    {},
    new Date(0),
    () => true,
    new Boolean(true),
    new String('ann'),
    { user: '' },
    { user: 1 },
    { user: true },
    { user: ['ann'] },
    { user: undefined },
    { user: 'ann', readOnly: 'yes' },
    { user: 'ann', readOnly: null },
    { user: 'ann', readOnly: 1 },
    { user: 'ann', challenge: 'Basic' },
    { name: 'ann' },
    { isOperator: true },
    { challenge: '' },
    { challenge: ' ' },
    { challenge: 401 },
    { challenge: 'Basic\r\nSet-Cookie: x=1' },
    { challenge: 'Basic realm="ä"' },
    { challenge: 'x'.repeat(501) },
  ])('%p keeps out', (value) => {
    expect(readAdmission(value)).toEqual({ kind: 'out' });
  });

  test('a challenge is handed on', () => {
    const challenge = 'Basic realm="balancers", charset="UTF-8"';
    expect(readAdmission({ challenge })).toEqual({ kind: 'challenged', challenge });
  });
});

describe('an authorize that fails', () => {
  const req = new IncomingMessage(new Socket());
  const res = new ServerResponse(req);
  const boom = new Error('the database is gone');

  async function ask(authorize: Authorize) {
    const logged: unknown[][] = [];
    const log = (...words: unknown[]): void => {
      logged.push(words);
    };
    const entry = await admit(authorize, req, res, { info: log, warn: log, error: log });
    return { entry, logged };
  }

  test.each<[string, Authorize]>([
    [
      'throws',
      () => {
        throw boom;
      },
    ],
    ['rejects', () => Promise.reject(boom)],
    [
      'returns what cannot be read',
      () => ({
        get user(): string {
          throw boom;
        },
      }),
    ],
  ])('%s: nobody comes in, and the log is told', async (_how, authorize) => {
    const { entry, logged } = await ask(authorize);
    expect(entry).toEqual({ kind: 'out' });
    expect(logged).toEqual([[expect.stringContaining('authorize'), boom]]);
  });

  test('a promise is waited for', async () => {
    expect((await ask(() => Promise.resolve('ann'))).entry).toMatchObject({ user: { name: 'ann' } });
    expect((await ask(() => Promise.resolve(false))).entry).toEqual({ kind: 'out' });
  });
});
