import { describe, expect, test } from '@jest/globals';
import { listCells } from '../../../../src/manager/page/cells.ts';
import { tellCounted, tellSharing } from '../../../../src/manager/page/sharing-words.ts';
import { showPage } from '../../../../src/manager/page/page.ts';
import type { MemberReport, Report, SharingSeen } from '../../../../src/manager/survey/report.ts';
import { makeBalancer, makeMember, makeReport, reportedAt } from './make-report.ts';

const seen: SharingSeen = {
  process: 'web1:4711:1f2a3b4c',
  state: 'shared',
  since: reportedAt,
  processes: 3,
  counted: 3,
};

const counts = { busy: 0, elected: 0, sent: 0, received: 0, failures: 0 };
const ofProcess = { ...counts, requests: 0, errors: 0, waiting: 0, inFlight: 0, answers: 0 };

function makeShared(member: Partial<MemberReport> = {}, waiting: readonly number[] = [0, 0]): Report {
  const balancer = makeBalancer('app', [makeMember('app1', member)], {
    sharing: seen,
    waiting: waiting.reduce((sum, each) => sum + each),
    queueLength: 10,
    processes: waiting.map((each, i) => ({
      ...ofProcess,
      process: `p${i}`,
      isThis: i === 0,
      waiting: each,
    })),
  });
  return makeReport({ balancers: [balancer, makeBalancer('own', [makeMember('own1')])] });
}

function show(report: Report): string {
  const viewer = { base: '/bm', token: '', isReadOnly: false };
  return showPage({ title: 'Manager', user: 'ann', viewer, report });
}

describe('how a balancer stands to other processes', () => {
  test.each<[Partial<SharingSeen>, string, string]>([
    [{}, 'Shared by 3 processes; this one is web1:4711:1f2a3b4c.', 'ok'],
    [{ processes: 1 }, 'Shared, with no other process now; this one is web1:4711:1f2a3b4c.', 'ok'],
    [
      { state: 'joining', processes: 0 },
      'On its way to the other processes; this one is web1:4711:1f2a3b4c.',
      'info',
    ],
    [
      { state: 'alone', processes: 0, why: 'the connection was lost' },
      'Alone since TIME: the connection was lost. This process is web1:4711:1f2a3b4c.',
      'warn',
    ],
    [
      { state: 'refused', processes: 0, why: 'format 2' },
      'Refused by the others since TIME: format 2. This process is web1:4711:1f2a3b4c.',
      'bad',
    ],
    [
      { state: 'closed', processes: 0 },
      'Shares nothing any more since TIME; this process is web1:4711:1f2a3b4c.',
      'off',
    ],
  ])('%j is told in a sentence', (other, text, kind) => {
    const cell = tellSharing({ ...seen, ...other }, reportedAt);
    expect({ ...cell, text: cell.text.replace(/\d\d:\d\d:\d\d/, 'TIME') }).toEqual({ text, kind });
  });

  test('of how many processes the counts are is told too', () => {
    expect(tellCounted(seen)).toBe('Counts are sums of 3 processes.');
    expect(tellCounted({ ...seen, counted: 1 })).toBe('Counts are of this process.');
  });
});

describe('the page', () => {
  test('says it where the balancer is, and whose figures the others are', () => {
    const page = show(makeShared());
    const text = page.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
    expect(text).toContain('Shared by 3 processes; this one is web1:4711:1f2a3b4c.');
    expect(text).toContain(
      'Counts are sums of 3 processes. Rates, response times, sessions, charts and the last requests are of this process alone.',
    );
    expect(text).toContain('Requests a second, here');
    expect(page).toContain('title="Attempts a second, of the last ten seconds; in this process"');
    expect(page.match(/Of this process\./g)).toHaveLength(2);
  });

  test.each<[number, boolean, SharingSeen['state'], string]>([
    [1, false, 'shared', 'Changes are kept in the state that is shared.'],
    [1, true, 'alone', 'Changes are kept in the state that is shared.'],
    [1, false, 'refused', 'Changes are lost at the next restart.'],
    [
      2,
      false,
      'shared',
      'Changes are lost at the next restart; those of balancers that share a state are kept there.',
    ],
    [2, true, 'shared', 'Changes are kept by the app; those of balancers that share a state are kept there.'],
    [2, true, 'refused', 'Changes are kept by the app.'],
  ])('says where changes are kept: of %s balancers, app %s, %s', (count, persists, state, words) => {
    const { balancers } = makeShared();
    const sharing = { ...seen, state };
    const some = [{ ...balancers[0]!, sharing }, ...balancers.slice(1, count)];
    expect(show(makeReport({ balancers: some, persists }))).toContain(`<p class="second">${words}</p>`);
  });

  test('says nothing of it of a balancer that shares nothing', () => {
    const page = show(makeReport());
    expect(page).not.toMatch(/sharing"|this process|, here|Of this/);
    expect([...listCells(makeReport()).keys()].filter((id) => /sharing|counted/.test(id))).toEqual([]);
  });

  test('is told of a change in it by a text that moves, like any figure', () => {
    const cells = listCells(makeShared());
    expect(cells.get('b/app/sharing')).toMatchObject({ kind: 'ok' });
    expect(cells.get('b/app/counted')).toEqual({ text: 'Counts are sums of 3 processes.' });
    expect(cells.has('b/own/sharing')).toBe(false);
  });

  test.each([
    [[3, 4], '7 of 10 each', 'warn'],
    [[3, 10], '13 of 10 each', 'bad'],
    [[9, 9], '18 of 10 each', 'warn'],
    [[0, 0], '0 of 10 each', 'none'],
    [[10], '10 of 10', 'bad'],
  ])('each process has a queue of its own: %j wait', (waiting, text, kind) => {
    expect(listCells(makeShared({}, waiting)).get('b/app/waiting')).toEqual({ text, kind });
  });

  test.each<[Partial<MemberReport>, unknown]>([
    [{ busy: 12, max: 10, own: { ...counts, busy: 3 } }, { text: '12, here 3 of 10' }],
    [
      { busy: 12, max: 10, own: { ...counts, busy: 10 } },
      { text: '12, here 10 of 10', kind: 'warn' },
    ],
    [{ busy: 3, max: 10, own: { ...counts, busy: 3 } }, { text: '3 of 10' }],
    [{ busy: 12, max: undefined, own: { ...counts, busy: 3 } }, { text: '12' }],
    [
      { busy: 10, max: 10 },
      { text: '10 of 10', kind: 'warn' },
    ],
  ])('a member has so many places in each process: %j', (member, cell) => {
    expect(listCells(makeShared(member)).get('m/app/app1/busy')).toEqual(cell);
  });
});
