import { describe, expect, test } from '@jest/globals';
import { addProcesses } from '../../../../src/manager/survey/report-sharing.ts';
import type { BalancerReport } from '../../../../src/manager/survey/report.ts';
import type { OtherBalancer, OtherMember } from '../../../../src/sharing/shared-totals.ts';
import type { HubStatus } from '../../../../src/sharing/hub.ts';
import { createTally } from '../../../../src/tally/create-tally.ts';
import { createCounted } from '../../../support/counted.ts';
import { makeBalancer, makeMember } from '../page/make-report.ts';

const identities = ['|http://a', '|http://b'];

function makeOwn(): BalancerReport {
  const counts = { busy: 1, elected: 10, sent: 100, received: 1_000, failures: 2 };
  const members = ['a', 'b'].map((name) => makeMember(name, counts));
  return makeBalancer('app', members, { requests: 20, errors: 1, waiting: 3, inFlight: 5 });
}

function makeOther(process: string, names: readonly string[]): OtherBalancer {
  const tally = createTally(1).balancer;
  tally.noteEnd(200, undefined, 5);
  tally.noteEnd(503, 'ERR_BALANCER_NO_MEMBER', 5);
  const members = names.map((identity): [string, OtherMember] => {
    const counted = createCounted('any', 'x');
    const own = counted.tally.of(counted.member('x'));
    own.noteAnswer(200);
    own.noteAnswer(404);
    return [identity, { busy: 2, elected: 20, sent: 200, received: 2_000, failures: 4, tally: own }];
  });
  return { process, waiting: 7, inFlight: 9, tally, members: new Map(members) };
}

const shared: HubStatus = { kind: 'shared', since: 5_000, processes: 3 };

function add(others: readonly OtherBalancer[], status = shared, process = 'here:1:0a'): BalancerReport {
  return addProcesses(makeOwn(), { sharing: { process, status }, others, identities, answers: 8 });
}

describe('a balancer that shares its state', () => {
  test('counts are sums over all processes, and whose they are is told', () => {
    const report = add([
      makeOther('p', ['|http://a', '|http://gone']),
      makeOther('q', ['|http://a', '|http://b']),
    ]);
    expect(report).toMatchObject({ requests: 24, errors: 3, waiting: 17, inFlight: 23 });
    const [a, b] = report.members;
    expect(a).toMatchObject({ busy: 5, elected: 50, sent: 500, received: 5_000, failures: 10 });
    expect(b).toMatchObject({ busy: 3, elected: 30, sent: 300, received: 3_000, failures: 6 });
    expect(a!.own).toEqual({ busy: 1, elected: 10, sent: 100, received: 1_000, failures: 2 });
    const told = { errors: 1, waiting: 7, inFlight: 9, answers: 4, requests: 2 };
    const ofTwo = { busy: 4, elected: 40, sent: 400, received: 4_000, failures: 8 };
    expect(report.processes).toEqual([
      {
        process: 'here:1:0a',
        isThis: true,
        requests: 20,
        errors: 1,
        waiting: 3,
        inFlight: 5,
        answers: 8,
        busy: 2,
        elected: 20,
        sent: 200,
        received: 2_000,
        failures: 4,
      },
      { process: 'p', isThis: false, ...told, ...ofTwo },
      { process: 'q', isThis: false, ...told, ...ofTwo },
    ]);
    expect(report.sharing).toEqual({
      process: 'here:1:0a',
      state: 'shared',
      since: 5_000,
      processes: 3,
      counted: 3,
    });
  });

  test('what cannot be added up stays that of this process', () => {
    const before = makeOwn();
    const after = add([makeOther('p', ['|http://a'])]);
    for (const [i, member] of after.members.entries()) {
      const { rate, quantiles, sessions, status, lbstatus, responseMs } = before.members[i]!;
      expect(member).toMatchObject({ rate, quantiles, sessions, status, lbstatus, responseMs });
    }
    expect(after.rate).toBe(before.rate);
  });

  test('alone, it has its own counts, and says since when and why', () => {
    const report = add([], { kind: 'alone', since: 7_000, why: 'no answer\u202e\n' });
    expect(report).toMatchObject({ requests: 20, waiting: 3 });
    expect(report.sharing).toEqual({
      process: 'here:1:0a',
      state: 'alone',
      since: 7_000,
      processes: 0,
      counted: 1,
      why: 'no answer',
    });
  });

  test('sums are over all, 64 processes are listed', () => {
    const report = add(Array.from({ length: 100 }, (_, i) => makeOther(`p${i}`, ['|http://a'])));
    expect([report.requests, report.sharing!.counted, report.processes!.length]).toEqual([220, 101, 64]);
    expect(report.processes![0]!.isThis).toBe(true);
  });

  test('names of processes are on one line, and no longer than 200 letters', () => {
    const hostile = `evil\u202e\n${'x'.repeat(400)}`;
    const { processes, sharing } = add([makeOther(hostile, [])], shared, hostile);
    for (const name of [sharing!.process, ...processes!.map((each) => each.process)]) {
      expect(name).toMatch(/^evilx+…$/);
      expect(name).toHaveLength(200);
    }
  });
});
