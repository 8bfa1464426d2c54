import { describe, expect, test } from '@jest/globals';
import {
  isRepeatable,
  judgeAnswer,
  judgeFailure,
  type Grounds,
  type Verdict,
} from '../../../src/forward/judge.ts';
import type { Failure, FailureKind } from '../../../src/forward/outcome.ts';

const calm: Grounds = {
  repeatable: true,
  movable: true,
  again: false,
  failonstatus: new Set(),
  failontimeout: false,
  failoverStatus: new Set(),
};

const kinds: readonly FailureKind[] = [
  'connect',
  'connect-timeout',
  'reset',
  'timeout',
  'bad-answer',
  'bad-request',
];

/** What the verdict on a failure may depend on, in the order of the table's columns. */
const facts = ['sent', 'repeatable', 'movable', 'reused', 'again', 'failontimeout'] as const;
type Case = Readonly<{ kind: FailureKind } & Record<(typeof facts)[number], boolean>>;

/** Every case there is. */
const cases: readonly Case[] = kinds.flatMap((kind) =>
  Array.from({ length: 2 ** facts.length }, (_, bits): Case => {
    const has = (fact: (typeof facts)[number]): boolean => ((bits >> facts.indexOf(fact)) & 1) === 1;
    return {
      kind,
      sent: has('sent'),
      repeatable: has('repeatable'),
      movable: has('movable'),
      reused: has('reused'),
      again: has('again'),
      failontimeout: has('failontimeout'),
    };
  }),
);

function judge({ kind, sent, reused, ...grounds }: Case): Verdict {
  const failure: Failure = { kind, sent, reused, cause: new Error(kind) };
  return judgeFailure(failure, { ...calm, ...grounds });
}

// `-`: this does not matter. The rows of a kind cover all of its cases, each of them once.
const decisions = `
  kind             sent  repeatable  movable  reused  again  failontimeout   next     marks

  connect          no    -           yes      -       -      -               another  yes
  connect          yes   yes         yes      -       -      -               another  yes
  connect          yes   no          yes      -       -      -               give-up  yes
  connect          -     -           no       -       -      -               give-up  yes

  connect-timeout  no    -           yes      -       -      -               another  yes
  connect-timeout  yes   yes         yes      -       -      -               another  yes
  connect-timeout  yes   no          yes      -       -      -               give-up  yes
  connect-timeout  -     -           no       -       -      -               give-up  yes

  reset            no    -           yes      yes     no     -               again    no
  reset            no    -           yes      yes     yes    -               another  no
  reset            no    -           yes      no      -      -               another  no
  reset            yes   yes         yes      yes     no     -               again    no
  reset            yes   yes         yes      yes     yes    -               another  no
  reset            yes   yes         yes      no      -      -               another  no
  reset            yes   no          yes      -       -      -               give-up  no
  reset            -     -           no       -       -      -               give-up  no

  timeout          no    -           yes      -       -      no              another  no
  timeout          no    -           yes      -       -      yes             another  yes
  timeout          yes   yes         yes      -       -      no              another  no
  timeout          yes   yes         yes      -       -      yes             another  yes
  timeout          yes   no          yes      -       -      no              give-up  no
  timeout          yes   no          yes      -       -      yes             give-up  yes
  timeout          -     -           no       -       -      no              give-up  no
  timeout          -     -           no       -       -      yes             give-up  yes

  bad-answer       no    -           yes      -       -      -               another  no
  bad-answer       yes   yes         yes      -       -      -               another  no
  bad-answer       yes   no          yes      -       -      -               give-up  no
  bad-answer       -     -           no       -       -      -               give-up  no

  bad-request      -     -           -        -       -      -               give-up  no
`;
const rows = decisions
  .split('\n')
  .slice(2)
  .map((line) => line.trim().split(/\s+/))
  .filter((cells) => cells.length > 1);

function casesOf([kind, ...cells]: readonly string[]): readonly Case[] {
  return cases.filter(
    (each) =>
      each.kind === kind && facts.every((fact, i) => cells[i] === '-' || (cells[i] === 'yes') === each[fact]),
  );
}

describe('an attempt that ended without a whole answer', () => {
  test.each(rows.map((cells) => [cells.join(' '), cells] as const))('%s', (_row, cells) => {
    const [next, marks] = cells.slice(-2);
    const verdicts = casesOf(cells).map(judge);
    expect(verdicts).not.toHaveLength(0);
    for (const verdict of verdicts) expect(verdict).toEqual({ next, marks: marks === 'yes' });
  });

  test('is judged in every case, and each case stands in the table once', () => {
    expect(rows.flatMap(casesOf)).toHaveLength(cases.length);
    expect(new Set(rows.flatMap(casesOf)).size).toBe(cases.length);
  });
});

describe('no request is executed twice unless that is safe', () => {
  test('what a member may have seen goes nowhere else, unless it may be repeated', () => {
    const seen = cases.filter(({ sent, repeatable }) => sent && !repeatable);
    expect(seen.map(judge).filter(({ next }) => next !== 'give-up')).toEqual([]);
  });

  test('what is lost in part, or answered in part, goes nowhere else', () => {
    const stuck = cases.filter(({ movable }) => !movable);
    expect(stuck.map(judge).filter(({ next }) => next !== 'give-up')).toEqual([]);
  });

  test('nor does what could not be put on the wire: no other member would fare better', () => {
    const bad = cases.filter(({ kind }) => kind === 'bad-request');
    expect(bad.map(judge).filter(({ next, marks }) => next !== 'give-up' || marks)).toEqual([]);
  });

  test('the same member is tried again once at most, and only where the connection may have been idle', () => {
    const again = cases.filter((each) => judge(each).next === 'again');
    expect(again).not.toHaveLength(0);
    for (const each of again) expect(each).toMatchObject({ kind: 'reset', reused: true, again: false });
  });

  test('a failure is never relayed', () => {
    expect(cases.map(judge).filter(({ next }) => next === 'relay')).toEqual([]);
  });

  test('whether a member is marked has nothing to do with what becomes of the request', () => {
    for (const { kind, failontimeout } of cases) {
      const same = cases.filter((each) => each.kind === kind && each.failontimeout === failontimeout);
      expect(new Set(same.map((each) => judge(each).marks)).size).toBe(1);
    }
  });

  test('an answer sends no request on that is not repeatable or not movable', () => {
    for (const [repeatable, movable] of [
      [false, true],
      [true, false],
      [false, false],
    ] as const) {
      for (let status = 100; status < 600; status += 1) {
        const grounds = { ...calm, repeatable, movable, failoverStatus: new Set([status]) };
        expect(judgeAnswer({ status, reason: '', headers: [] }, grounds).next).toBe('relay');
      }
    }
  });
});

describe('an answer', () => {
  const statuses = { failonstatus: new Set([500, 503]), failoverStatus: new Set([502, 503]) };

  test.each([
    [200, { next: 'relay', marks: false }],
    [404, { next: 'relay', marks: false }],
    [500, { next: 'relay', marks: true }],
    [502, { next: 'another', marks: false }],
    [503, { next: 'another', marks: true }],
    [504, { next: 'relay', marks: false }],
  ])('%i with failonstatus 500, 503 and failoverOn 502, 503: %j', (status, verdict) => {
    expect(judgeAnswer({ status, reason: '', headers: [] }, { ...calm, ...statuses })).toEqual(verdict);
  });

  test.each([500, 503])('that marks the member does so although the request stays (%i)', (status) => {
    for (const stays of [{ repeatable: false }, { movable: false }]) {
      const verdict = judgeAnswer({ status, reason: '', headers: [] }, { ...calm, ...statuses, ...stays });
      expect(verdict).toEqual({ next: 'relay', marks: true });
    }
  });

  test('of any status is relayed where the definition names none', () => {
    for (const status of [100, 204, 302, 400, 500, 502, 503, 599]) {
      expect(judgeAnswer({ status, reason: '', headers: [] }, calm)).toEqual({ next: 'relay', marks: false });
    }
  });
});

describe('a request may be repeated', () => {
  const plain = { status: new Set<number>(), methods: new Set<string>(), idempotencyKey: undefined };
  const posting = { ...plain, methods: new Set(['POST']) };
  const keyed = { ...plain, idempotencyKey: 'idempotency-key' };

  test.each([
    ['GET', true],
    ['HEAD', true],
    ['OPTIONS', true],
    ['PUT', true],
    ['DELETE', true],
    ['TRACE', true],
    ['POST', false],
    ['PATCH', false],
    ['CONNECT', false],
    ['PROPFIND', false],
    // RFC 9110 9.1: methods are case-sensitive, and what `get` does is not known.
    ['get', false],
    ['', false],
  ])('by its method: %s %s', (method, expected) => {
    expect(isRepeatable({ method, headers: [] }, plain)).toBe(expected);
  });

  test.each([
    ['POST', true],
    ['PATCH', false],
    ['post', false],
    ['GET', true],
  ])('where failoverOn names POST: %s %s', (method, expected) => {
    expect(isRepeatable({ method, headers: [] }, posting)).toBe(expected);
  });

  test.each([
    ['with its key', ['Host', 'a', 'Idempotency-Key', '"8e03978e"'], keyed, true],
    ['with its key in any spelling', ['IDEMPOTENCY-KEY', '1'], keyed, true],
    ['without a key', ['Host', 'idempotency-key'], keyed, false],
    ['with a key of another name', ['X-Request-Id', '1'], keyed, false],
    ['with a key that the definition does not speak of', ['Idempotency-Key', '1'], plain, false],
    [
      'with the key that the definition names',
      ['X-Request-Id', '1'],
      { ...plain, idempotencyKey: 'x-request-id' },
      true,
    ],
  ])('POST %s: %s', (_what, headers, failover, expected) => {
    expect(isRepeatable({ method: 'POST', headers }, failover)).toBe(expected);
  });
});
