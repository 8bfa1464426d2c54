import { afterEach, describe, expect, test } from '@jest/globals';
import type { BalancerDefinition, MemberParameters } from '../../src/index.ts';
import { ask, askStatuses, hashOf, makeBody, type Asked } from '../support/ask.ts';
import { deadUrl, startBackend } from '../support/backend.ts';
import { startFaulty, type Fault } from '../support/faults.ts';
import { senders } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { startToldFront, type ToldFront } from '../support/stories.ts';
import { stopTime } from '../support/time.ts';

afterEach(tidyUp);

/** Gives up soon on a member that is silent, and not on one that a pause keeps from answering the connection. */
const soon = { timeout: '50ms', connectiontimeout: '20s' } as const;

type Setup = Readonly<{
  /** `a`, `b`, … in order: a dead one, a healthy one, or one with a fault. */
  members: readonly (readonly ['dead' | 'ok' | Fault, MemberParameters?])[];
  definition?: Partial<BalancerDefinition>;
}>;

type Expected = Readonly<{
  statuses: readonly number[];
  /** How often each member was tried. */
  elected: readonly number[];
  /** httpd's letters of each member afterwards. */
  flags: readonly string[];
}>;

describe.each(senders)('%s', (_sender, sender) => {
  async function startMembers({ members, definition }: Setup): Promise<ToldFront> {
    const started = members.map(async ([kind, parameters], i) => {
      const name = 'abcd'[i]!;
      if (kind === 'dead') return { url: await deadUrl(), route: name, ...parameters };
      const backend = await (kind === 'ok'
        ? startBackend(name, (_req, res, { body }) => {
            res.setHeader('X-Hash', hashOf(body));
            res.end(name);
          })
        : startFaulty(kind));
      return { url: backend.url, route: name, ...parameters };
    });
    return startToldFront({ ...sender, ...definition, members: await Promise.all(started) });
  }

  // Section 15.5 of the reference. Where httpd gives something else, its result stands in the comment.
  const rows: readonly (readonly [id: string, setup: Setup, asked: Asked, expected: Expected])[] = [
    [
      'E1: two members, one refuses',
      { members: [['dead'], ['ok']] },
      {},
      { statuses: [200, 200, 200], elected: [1, 3], flags: ['E', ''] },
    ],
    [
      'E3: retry=0',
      { members: [['dead', { retry: 0 }], ['ok']] },
      {},
      { statuses: [200, 200, 200, 200], elected: [2, 4], flags: ['E', ''] },
    ],
    [
      'E4: both refuse',
      { members: [['dead'], ['dead']] },
      {},
      { statuses: [503, 503, 503], elected: [3, 3], flags: ['E', 'E'] },
    ],
    [
      'E5: both refuse, no forced recovery',
      { members: [['dead'], ['dead']], definition: { forcerecovery: false } },
      {},
      { statuses: [503, 503, 503], elected: [1, 1], flags: ['E', 'E'] },
    ],
    [
      'E6, E26: one member, it refuses',
      { members: [['dead', { retry: 60 }]] },
      {},
      { statuses: [503, 503, 503, 503], elected: [4], flags: ['E'] },
    ],
    [
      // httpd tries the dead member once: the disabled one is in the way of forced recovery.
      'E7: one refuses, the other is disabled',
      { members: [['dead'], ['ok', { status: 'D' }]] },
      {},
      { statuses: [503, 503, 503, 503], elected: [4, 0], flags: ['E', 'D'] },
    ],
    [
      'E8: two of three refuse, POST of 100 000 bytes',
      { members: [['dead'], ['dead'], ['ok']] },
      { method: 'POST', body: makeBody(100_000) },
      { statuses: [200], elected: [1, 1, 1], flags: ['E', 'E', ''] },
    ],
    [
      'E9: maxattempts=1',
      { members: [['dead'], ['dead'], ['ok']], definition: { maxattempts: 1 } },
      {},
      { statuses: [503, 200, 200], elected: [1, 1, 2], flags: ['E', 'E', ''] },
    ],
    [
      'E10: maxattempts=0',
      { members: [['dead'], ['ok']], definition: { maxattempts: 0 } },
      {},
      { statuses: [503, 200], elected: [1, 1], flags: ['E', ''] },
    ],
    [
      // httpd: 503 200 503 200, since there a member whose errors are ignored ends the failover.
      'E11: errors of the one that refuses are ignored',
      { members: [['dead', { status: 'I' }], ['ok']] },
      {},
      { statuses: [200, 200, 200, 200], elected: [2, 4], flags: ['I', ''] },
    ],
    [
      // httpd: 502, and no failover.
      'E12: a member closes without an answer, GET',
      { members: [['closes the connection'], ['ok']] },
      {},
      { statuses: [200, 200], elected: [1, 2], flags: ['', ''] },
    ],
    [
      'E12: a member closes without an answer, POST',
      { members: [['closes the connection'], ['ok']] },
      { method: 'POST', body: makeBody(10) },
      { statuses: [502, 200, 502], elected: [2, 1], flags: ['', ''] },
    ],
    [
      // httpd: 502, 200, 502.
      'E18: a member never answers, GET',
      { members: [['stays silent', soon], ['ok']] },
      {},
      { statuses: [200, 200, 200], elected: [2, 3], flags: ['', ''] },
    ],
    [
      // httpd: 502 for each of these 504.
      'E18: a member never answers, POST',
      { members: [['stays silent', soon], ['ok']] },
      { method: 'POST', body: makeBody(10) },
      { statuses: [504, 200, 504], elected: [2, 1], flags: ['', ''] },
    ],
    [
      'E19: the same with failontimeout, GET',
      { members: [['stays silent', soon], ['ok']], definition: { failontimeout: true } },
      {},
      { statuses: [200, 200, 200], elected: [1, 3], flags: ['E', ''] },
    ],
    [
      'E19: the same with failontimeout, POST',
      { members: [['stays silent', soon], ['ok']], definition: { failontimeout: true } },
      { method: 'POST', body: makeBody(10) },
      { statuses: [504, 200, 200], elected: [1, 2], flags: ['E', ''] },
    ],
  ];
  test.each(rows)('%s', async (_id, setup, asked, expected) => {
    const front = await startMembers(setup);
    const statuses: number[] = [];
    for (const status of expected.statuses) {
      const told = await ask(front.port, asked);
      statuses.push(told.status);
      if (status === 200) expect(told.headers['x-hash']).toBe(hashOf(asked.body ?? Buffer.alloc(0)));
    }
    const view = front.balancer.view();
    expect({
      statuses,
      elected: view.map(({ elected }) => elected),
      flags: view.map(({ status }) => status),
    }).toEqual(expected);
  });

  // E25: a definition without members is refused, see the definition's tests.

  describe('a session whose member is unusable', () => {
    const nofailover = { stickysession: 'SID', nofailover: true } as const;
    const asA = { headers: { Cookie: 'SID=1.a' } };

    test('R8: gets 503 with nofailover, and the others are served', async () => {
      const front = await startMembers({
        members: [['ok', { status: 'D' }], ['ok']],
        definition: nofailover,
      });
      expect(await askStatuses(front.port, 2, asA)).toEqual([503, 503]);
      expect(await askStatuses(front.port, 3)).toEqual([200, 200, 200]);
      expect(front.errors.map(({ code }) => code)).toEqual(Array(2).fill('ERR_BALANCER_NO_FAILOVER'));
      expect(front.stories()).toEqual(['', '', ...Array<string>(3).fill('b answered 200')]);
    });

    test('R9: gets 503 from the first refused connection on', async () => {
      stopTime();
      const front = await startMembers({ members: [['dead'], ['ok']], definition: nofailover });
      expect((await ask(front.port, asA)).code).toBe('ERR_BALANCER_CONNECT');
      expect(front.member('a').status).toBe('E');
      expect((await ask(front.port, asA)).code).toBe('ERR_BALANCER_NO_FAILOVER');
      expect(await ask(front.port, asA)).toMatchObject({ status: 503, headers: { 'retry-after': '60' } });
      expect(await askStatuses(front.port, 2)).toEqual([200, 200]);
      expect(front.member('a').elected).toBe(1);
    });

    test.each([
      ['resets the connection', 502, 'ERR_BALANCER_RESET'],
      ['stays silent', 504, 'ERR_BALANCER_TIMEOUT'],
    ] as const)('R9: stays with nofailover, though its member %s', async (fault, status, code) => {
      const front = await startMembers({
        members: [[fault, status === 504 ? soon : {}], ['ok']],
        definition: nofailover,
      });
      expect(await ask(front.port, asA)).toMatchObject({ status, code });
      expect(front.member('b').elected).toBe(0);
    });

    test('R10: is balanced when its route is nobody’s, nofailover or not', async () => {
      const front = await startMembers({ members: [['dead'], ['ok']], definition: nofailover });
      expect(await askStatuses(front.port, 2, { headers: { Cookie: 'SID=1.zz' } })).toEqual([200, 200]);
      expect(front.stories()).toEqual(['a connect ECONNREFUSED, b answered 200', 'b answered 200']);
    });

    test('R11: moves without nofailover', async () => {
      const definition = { stickysession: 'SID' };
      const front = await startMembers({ members: [['dead'], ['ok']], definition });
      expect(await askStatuses(front.port, 2, asA)).toEqual([200, 200]);
      expect(front.stories()).toEqual(['a connect ECONNREFUSED, b answered 200', 'b answered 200']);
    });

    test('moves to where its member redirects, though others are there', async () => {
      const definition = { stickysession: 'SID' };
      const members = [['dead', { redirect: 'c' }], ['ok', { loadfactor: 100 }], ['ok']] as const;
      const front = await startMembers({ members, definition });
      expect(await askStatuses(front.port, 2, asA)).toEqual([200, 200]);
      expect(front.stories()).toEqual(['a connect ECONNREFUSED, c answered 200', 'c answered 200']);
    });
  });
});
