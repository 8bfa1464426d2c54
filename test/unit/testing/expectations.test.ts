import { AssertionError } from 'node:assert';
import { describe, expect, test } from '@jest/globals';
import {
  expectFailover,
  expectMember,
  expectOnce,
  expectServed,
  expectSticky,
  seedChance,
  startMembers,
  until,
  type Answered,
} from '../../../src/testing/index.ts';
import { catchError } from '../../support/catch-error.ts';

/** An answer as supertest has it. */
function answerOf(member: string | undefined, status = 200, text = member ?? ''): Answered {
  return { status, text, headers: member === undefined ? {} : { 'x-member': member } };
}

describe('who has answered', () => {
  test.each<[string, Answered]>([
    ['supertest', answerOf('app1')],
    ['fetch', new Response('', { headers: { 'X-Member': 'app1' } })],
    ['node:http', { statusCode: 200, headers: { 'x-member': 'app1' } }],
    ['a light fake', { statusCode: 200, headers: { 'X-Member': 'app1' } }],
  ])('is read from an answer of %s', (_whose, answer) => {
    expectMember(answer, 'app1');
    expectMember(answer, { name: 'app1' });
    expect(() => {
      expectMember(answer, 'app2');
    }).toThrow(/^app2 should have answered, but app1 has\. It is 200/);
  });

  test('is told with what was answered, as an AssertionError with both sides and the place of the call', () => {
    const error = catchError(() => {
      expectMember(answerOf('app2', 503, 'x'.repeat(300)), 'app1');
    });
    expect(error).toBeInstanceOf(AssertionError);
    expect(error).toMatchObject({
      actual: 'app2',
      expected: 'app1',
      message: `app1 should have answered, but app2 has. It is 503 "${'x'.repeat(200)}"… (300 letters)`,
    });
    expect((error as Error).stack).not.toContain('expect-member.ts');
  });

  test('is nobody where an answer has no X-Member', () => {
    expect(() => {
      expectMember(answerOf(undefined, 503, '{"code":"ERR_BALANCER_NO_MEMBER"}'), 'app1');
    }).toThrow(
      'app1 should have answered, but none has answered: there is no X-Member. It is 503 "{\\"code\\":\\"ERR_BALANCER_NO_MEMBER\\"}"',
    );
  });

  test('cannot be told of what is no answer', () => {
    const wrong = (value: unknown) => () => {
      expectMember(value as Answered, 'app1');
    };
    expect(wrong(Promise.resolve())).toThrow('expectMember: that is a promise: await the answer');
    expect(wrong(undefined)).toThrow('that is no answer');
    expect(wrong('app1')).toThrow('that is no answer');
    expect(() => {
      expectMember(answerOf('app1'), undefined as unknown as string);
    }).toThrow('expectMember: missing: write a member, or its name');
  });

  test('is the same for sticky answers', () => {
    expect(expectSticky([answerOf('app2'), answerOf('app2')])).toBe('app2');
    expect(() => expectSticky([answerOf('app1'), answerOf('app2'), answerOf(undefined, 503, 'no')])).toThrow(
      /^all answers should be of one member; .*\n {2}1\. app1: 200 "app1"\n {2}2\. app2: 200 "app2"\n {2}3\. no member: 503 "no"$/,
    );
    expect(() => expectSticky([answerOf(undefined), answerOf(undefined)])).toThrow('should be of one member');
    expect(() => expectSticky([answerOf('app1')])).toThrow('one alone cannot differ');
  });
});

describe('which members were tried', () => {
  const attempt = { member: 'http://127.0.0.1:1', reason: 'method', startedMs: 0, durationMs: 1 } as const;
  const failed = {
    attempts: [
      { ...attempt, name: 'app1', outcome: 'connect', status: undefined, code: 'ECONNREFUSED' },
      { ...attempt, name: 'app2', outcome: 'answered', status: 200, code: undefined },
    ],
  } as const;

  test('is told in order', () => {
    expectFailover(failed, ['app1', 'app2']);
    expectFailover(failed, [{ name: 'app1' }, 'app2']);
    expect(() => {
      expectFailover(failed, ['app2', 'app1']);
    }).toThrow(
      'the request should have gone from app2 to app1 and been answered there, but the attempts were\n  1. app1 (method): connect ECONNREFUSED\n  2. app2 (method): answered 200',
    );
  });

  test('is no failover where nobody answers in the end, or nobody was tried', () => {
    const vain = { attempts: [failed.attempts[1], failed.attempts[0]] } as const;
    expect(() => {
      expectFailover(vain, ['app2', 'app1']);
    }).toThrow('been answered there');
    expect(() => {
      expectFailover({ attempts: [] }, ['app2', 'app1'] as never[]);
    }).toThrow('nobody was tried');
    expect(() => {
      expectFailover(failed, ['app1']);
    }).toThrow('write the members in the order');
    expect(() => {
      expectFailover(failed, ['app1', undefined as unknown as 'app2']);
    }).toThrow('expectFailover: missing: write a member, or its name');
    expect(() => {
      expectFailover({} as typeof failed, ['app1', 'app2']);
    }).toThrow("write an event of watch(balancer, 'request'), or req.balancer");
  });
});

describe('what members have got', () => {
  test('is counted, and told in order where it is not so', async () => {
    await using members = await startMembers(2);
    await fetch(`${members.app1.url}a?x=1`);
    await fetch(members.app2.url, { method: 'POST', body: 'x' });
    expectServed(members, { app1: 1, app2: 1 });
    expectServed(members, { app1: 1 }, { only: '/a' });
    expectServed(members, { app2: 1, app1: 0 }, { only: 'POST /' });
    expect(() => {
      expectServed(members, { app1: 2 });
    }).toThrow(
      'whole requests: the members should have got app1: 2, app2: 0, but got app1: 1, app2: 1; in order they got 2:\n  GET /a?x=1 to app1\n  POST / to app2',
    );
    expect(expectOnce(members, 'POST /').text()).toBe('x');
    expect(expectOnce(members, ({ path }) => path.startsWith('/a')).member).toBe('app1');
    expect(() => expectOnce(members, 'POST /a')).toThrow(
      'POST /a should have come to a member once, but has come never',
    );
    await fetch(members.app1.url, { method: 'POST' });
    expect(() => expectOnce(members, 'POST /')).toThrow('has come 2 times; in order they got 3:');
  });

  test('is asked for by names and patterns that can be meant', async () => {
    await using members = await startMembers(2);
    expect(() => {
      expectServed(members, { ap1: 1 } as never);
    }).toThrow("expectServed: 'ap1': there is no member of that name; do you mean 'app1'?");
    expect(() => {
      expectServed(members, { app1: -1 });
    }).toThrow('expectServed: app1: -1: write a whole number from 0 on');
    expect(() => expectOnce(members, 'orders')).toThrow("write a path such as '/orders'");
    expect(() => expectOnce(members, '/orders?x=1')).toThrow("write a path such as '/orders'");
  });
});

describe('what is refused', () => {
  test.each<[string, unknown, string]>([
    ['no member', 0, 'startMembers: 0: write a whole number from 1 on'],
    ['half a member', 1.5, 'write a whole number from 1 on'],
    ['a crowd', 101, 'write 100 at most'],
    ['an empty list', [], 'needs one member at least'],
    ['nothing', undefined, 'write how many, their names, or their names with handlers'],
    ['a doubled name', ['a', 'a'], "two members are called 'a'"],
    ['a name that is taken', ['close'], "'close': that is what members of all kinds have"],
    ['a name of a place', ['1'], 'a name consists of letters'],
    ['a name that a cookie would split', ['a.b'], 'a name consists of letters'],
    ['what answers nothing', { app1: 'hello' }, "app1: 'hello': write a handler: (req, res) => …"],
  ])('%s', async (_what, wanted, message) => {
    await expect(startMembers(wanted as never)).rejects.toThrow(message);
  });

  test('faults that nobody can have', async () => {
    await using members = await startMembers(1);
    const { app1 } = members;
    const faults: readonly (readonly [() => unknown, string])[] = [
      [
        () => {
          app1.fail(42);
        },
        'app1.fail: 42: write a status, such as 503',
      ],
      [
        () => {
          app1.fail(503, { times: 0 });
        },
        'app1.fail: times: 0: write a whole number from 1 on',
      ],
      [
        () => {
          app1.hang({ only: 'orders' });
        },
        'app1.hang: only: "orders": write a path',
      ],
      [
        () => {
          app1.slowDown(60_000);
        },
        'app1.slowDown: 60000: 60000 seconds would be',
      ],
      [
        () => {
          app1.cutOff({ afterBytes: -1 });
        },
        'app1.cutOff: afterBytes: -1',
      ],
      [
        () => {
          app1.cutOff({ in: 'head', afterBytes: 1 });
        },
        'afterBytes counts bytes of the body',
      ],
      [
        () => {
          app1.cutOff({ in: 'tail' as never });
        },
        "in: 'tail': write 'head' or 'body'",
      ],
      [() => seedChance(1.5), 'seedChance: 1.5: write a whole number from 0 on'],
    ];
    for (const [wrong, message] of faults) expect(wrong).toThrow(message);
    await expect(until('x' as never)).rejects.toThrow('write a function that tells whether it is so');
    // None of them has changed anything.
    expect((await fetch(app1.url)).status).toBe(200);
  });
});
