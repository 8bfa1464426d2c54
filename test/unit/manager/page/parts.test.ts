import { describe, expect, test } from '@jest/globals';
import { listOrder } from '../../../../src/manager/page/parts.ts';
import { listParts } from './list-parts.ts';
import { showPage } from '../../../../src/manager/page/page.ts';
import type { MemberReport, Report } from '../../../../src/manager/survey/report.ts';
import { readTags } from './look-at-html.ts';
import { makeBalancer, makeChange, makeDecision, makeMember, makeReport, reportedAt } from './make-report.ts';

const viewer = { base: '/bm', token: 'the.token', isReadOnly: false };

function change(report: Report, member: Partial<MemberReport>): Report {
  const [first, ...others] = report.balancers[0]!.members;
  return {
    ...report,
    balancers: [{ ...report.balancers[0]!, members: [{ ...first!, ...member }, ...others] }],
  };
}

/** The ids of the parts that are others than before. */
function findChanged(before: Report, now: Report): readonly string[] {
  const [old, next] = [listParts(before, viewer), listParts(now, viewer)];
  return [...next].filter(([id, text]) => old.get(id) !== text).map(([id]) => id);
}

describe('a part', () => {
  test('is the same while only numbers, times and states move', () => {
    const before = makeReport();
    const now = change(
      {
        ...before,
        at: reportedAt + 1_000,
        balancers: before.balancers.map((balancer) => ({
          ...balancer,
          rate: 9,
          inFlight: 3,
          waiting: 2,
          errors: 7,
        })),
      },
      {
        busy: 9,
        elected: 5,
        sent: 1,
        received: 2,
        failures: 3,
        rate: 0,
        sessions: 1,
        states: ['full'],
        responseMs: 3,
      },
    );
    expect(findChanged(before, now)).toEqual([]);
  });

  test.each<[string, Partial<MemberReport>]>([
    ['route', { route: 'other' }],
    ['factor', { loadfactor: 7 }],
    ['flags', { status: 'D' }],
    ['limit', { max: 5 }],
    ['parameters', { parameters: { retry: '5s' } }],
  ])('of a member is another one when its %s is', (_, member) => {
    const before = makeReport();
    expect(findChanged(before, change(before, member))).toEqual(['m/app/app1']);
  });

  test('tells of a change in force beside whom it is on, and in the log', () => {
    const deed = { kind: 'change', balancer: 'app', member: 'app1', set: { loadfactor: 2 } } as const;
    const before = makeReport();
    const now = makeReport({ changes: [makeChange({ id: 'c2', deed }), ...before.changes] });
    expect(findChanged(before, now)).toEqual(['m/app/app1', 'c/c2']);
  });

  test('of requests is another one when there is another request', () => {
    const before = makeReport();
    const now = makeReport({ decisions: [makeDecision({ path: '/new' }), ...before.decisions] });
    expect(findChanged(before, now)).toEqual(['decisions']);
  });

  test('has a name of its own, no text that moves and no other part in it', () => {
    for (const [id, text] of listParts(makeReport(), viewer)) {
      const tags = readTags(text);
      expect(tags[0]!.attributes.get('data-part')).toBe(id);
      expect(tags.filter(({ attributes }) => attributes.has('data-part')).length).toBe(1);
      expect(text).not.toMatch(/data-cell="[^"]*"[^>]*>[^<]/);
      expect(text).not.toContain('data-cell="" ');
    }
  });

  test('is written for whoever looks: his token, or no forms', () => {
    const [own, read] = [viewer, { ...viewer, isReadOnly: true }].map((each) =>
      [...listParts(makeReport(), each).values()].join(''),
    );
    expect(own).toContain('name="token" value="the.token"');
    expect(own!.split('<form').length).toBeGreaterThan(8);
    expect(read!.split('<form').length).toBe(2);
  });

  test('of a member is not taken for that of another balancer with the same definitions', () => {
    const member = makeMember('app1');
    const of = (id: string): string =>
      listParts(makeReport({ balancers: [makeBalancer(id, [member])] }), viewer).get(`m/${id}/app1`)!;
    expect(of('one')).toContain('name="balancer" value="one"');
    expect(of('two')).toContain('name="balancer" value="two"');
  });
});

describe('the order of parts', () => {
  const report = makeReport();
  const order = listOrder(report);

  test('names every part once', () => {
    expect([...order.values()].flat().sort()).toEqual([...listParts(report, viewer).keys()].sort());
  });

  test('is that of the report', () => {
    expect(order.get('b/app/members')).toEqual(['m/app/app1', 'm/app/app2', 'm/app/app3']);
  });

  test('has only lists that are on the page, each with its parts in this order', () => {
    const page = showPage({ title: '', user: '', viewer, report });
    const tags = readTags(page);
    const lists = tags.flatMap(({ attributes }) => attributes.get('data-list') ?? []);
    expect([...order.keys()].sort()).toEqual(lists.sort());
    const parts = tags.flatMap(({ attributes }) => attributes.get('data-part') ?? []);
    for (const ids of order.values()) expect(parts.filter((id) => ids.includes(id))).toEqual(ids);
  });

  test('tells of lists that nothing is left of', () => {
    expect(listOrder(makeReport({ balancers: [] })).get('balancers')).toEqual([]);
  });
});
