import { describe, expect, test } from '@jest/globals';
import { createMembers, type Members } from '../../../src/member/members.ts';
import { Status } from '../../../src/member/status.ts';
import { buildMember, buildMembers, createQuietMembers } from '../../support/build-members.ts';
import { buildHealth } from '../health/support.ts';
import { chosenOf } from './support.ts';

function create(notation: string): Members {
  return createQuietMembers(buildMembers(notation), () => 7_000);
}

describe('the list of members', () => {
  const extra = buildMember({ name: 'x', route: 'x' });

  test.each<[what: string, change: (members: Members) => unknown]>([
    [
      'a failure',
      (members) => {
        members.elect(chosenOf(members, { member: members.view()[1]! })).report('failed');
      },
    ],
    ['a trial', (members) => members.elect(chosenOf(members, { probe: true }))],
    ['a forced recovery', (members) => members.elect(chosenOf(members, { forced: true }))],
    [
      'a health check',
      (members) => {
        members.apply(members.view()[0]!, 'checks-failed');
      },
    ],
    [
      'flags',
      (members) => {
        members.apply(members.view()[0]!, { kind: 'set', status: 1 });
      },
    ],
    ['a further member', (members) => members.revise({ added: [extra] })],
    [
      'a member less',
      (members) => {
        members.revise({ removed: [members.view()[0]!] });
      },
    ],
    [
      'other settings',
      (members) => {
        members.revise({ changed: [{ member: members.view()[0]!, settings: extra }] });
      },
    ],
  ])('is another one after %s', (_what, change) => {
    const members = create('a E, b');
    const before = members.view();
    const copy = [...before];
    change(members);
    expect(members.view()).not.toBe(before);
    expect(before).toEqual(copy);
  });

  test('is the same one while only counters change', () => {
    const members = create('a, b');
    const before = members.view();
    const attempt = members.elect(chosenOf(members));
    attempt.report('succeeded');
    attempt.rate(true, 5);
    attempt.received(100);
    attempt.end();
    members.apply(before[0]!, 'checks-passed');
    expect(members.view()).toBe(before);
  });
});

describe('members come and go', () => {
  test('at the end of the list, with the routes they have', () => {
    const members = create('a, b');
    const [added] = members.revise({ added: [buildMember({ name: 'c', route: 'third' })] });
    expect(members.view().map(({ settings }) => settings.name)).toEqual(['a', 'b', 'c']);
    expect(members.view()[2]).toBe(added);
    expect(members.hasRoute('third')).toBe(true);
    members.revise({ removed: [members.view()[0]!] });
    expect(members.view().map(({ settings }) => settings.name)).toEqual(['b', 'c']);
    expect([members.hasRoute('a'), members.hasRoute('b')]).toEqual([false, true]);
  });

  test('a new one serves since now, an old one since ever', () => {
    const members = create('a');
    members.revise({ added: [buildMember({ name: 'b' })] });
    expect(members.view().map(({ state }) => state.upSince)).toEqual([undefined, 7_000]);
  });

  test('a new one begins level with the others: it makes up for nothing that it has missed', () => {
    const members = create('a, b');
    for (const member of members.view()) {
      for (const bytes of [3_000, 3_000, 4_000]) members.elect(chosenOf(members, { member })).sent(bytes);
    }
    const [added] = members.revise({ added: [buildMember({ name: 'c' })] });
    expect(added).toMatchObject({ handicap: 10_000, sent: 0, elected: 0, lbstatus: 0 });
    expect(added!.debt).toBeGreaterThan(0);
  });

  test('more than there were at first: elections among all are charged', () => {
    const members = create('a');
    for (let i = 0; i < 4; i += 1) members.revise({ added: [buildMember({ name: `m${i}` })] });
    members.elect(chosenOf(members));
    expect(members.view().map(({ lbstatus }) => lbstatus)).toEqual([-400, 100, 100, 100, 100]);
  });

  test('what a removed one serves goes on, and tells of nobody else', () => {
    const members = create('a, b');
    const [a, b] = members.view();
    const attempt = members.elect(chosenOf(members));
    members.revise({ removed: [a!] });
    attempt.received(500);
    attempt.report('failed');
    attempt.rate(true, 7);
    expect(a).toMatchObject({ busy: 1, received: 500, failures: 1, state: { status: Status.inError } });
    attempt.end();
    expect(a!.busy).toBe(0);
    expect(members.view()).toEqual([b]);
    expect(b).toMatchObject({ busy: 0, failures: 0, state: { status: 0 } });
  });

  test('a trial of one that is removed ends like any other', () => {
    const members = create('a E, b');
    const [a] = members.view();
    const trial = members.elect(chosenOf(members, { probe: true }));
    members.revise({ removed: [a!] });
    trial.end();
    expect(a).toMatchObject({ busy: 0, state: { probing: false } });
  });

  test('one that needs warming up does not serve until it was checked', () => {
    const settings = [['/warm'], []].map((warmUp, i) =>
      buildMember({ name: `m${i}`, health: buildHealth({ warmUp }) }),
    );
    const members = createQuietMembers(settings, () => 7_000);
    expect(members.view().map(({ state }) => state.status)).toEqual([Status.healthCheckFailed, 0]);
  });
});

describe('a revision', () => {
  test('is made at once: who is told of it finds it whole', () => {
    const seen: unknown[] = [];
    const members = createMembers(
      buildMembers('a, b, c, d'),
      () => 7_000,
      { share: undefined, ejection: undefined },
      {
        changed(member, before) {
          const list = members.view().map(({ settings, state }) => [settings.name, state.status]);
          seen.push([member.settings.name, before.status, list, members.hasRoute('x')]);
        },
        freed: () => undefined,
      },
    );
    const [a, b, c, d] = members.view();

    const added = members.revise({
      changed: [
        { member: a!, settings: a!.settings, status: Status.disabled },
        { member: d!, settings: buildMember({ name: 'd', lbfactor: 300 }), status: Status.drain },
        { member: c!, settings: c!.settings },
      ],
      added: [buildMember({ name: 'x', route: 'x' }), buildMember({ name: 'y' })],
      removed: [b!],
    });

    const list = [
      ['a', Status.disabled],
      ['c', 0],
      ['d', Status.drain],
      ['x', 0],
      ['y', 0],
    ];
    expect(seen).toEqual([
      ['a', 0, list, true],
      ['d', 0, list, true],
    ]);
    expect(added).toEqual(members.view().slice(3));
    expect(d!.settings.lbfactor).toBe(300);
  });

  test('lets each that comes begin level with those before it, not with those behind', () => {
    const members = create('a, b');
    for (const member of members.view()) members.elect(chosenOf(members, { member })).sent(4_000);
    const added = members.revise({ added: ['c', 'd'].map((name) => buildMember({ name })) });
    expect(added.map(({ handicap }) => handicap)).toEqual([4_000, 4_000]);
  });

  test('lets those that come begin level with those that stay, not with those that go', () => {
    const members = create('a, b');
    const [a, b] = members.view();
    members.elect(chosenOf(members, { member: a! })).sent(9_000);
    members.elect(chosenOf(members, { member: b! })).sent(1_000);
    const [added] = members.revise({ added: [buildMember({ name: 'c' })], removed: [b!] });
    expect(added!.handicap).toBe(9_000);
  });

  test('gives other flags, and leaves what has failed as it is', () => {
    const members = create('a E, b E');
    const [a, b] = members.view();
    members.apply(b!, 'checks-failed');
    const changed = [a!, b!].map((member) => ({ member, settings: member.settings, status: Status.drain }));
    members.revise({ changed });
    expect([a!, b!].map(({ state }) => state.status)).toEqual([
      Status.drain | Status.inError,
      Status.drain | Status.inError | Status.healthCheckFailed,
    ]);
  });

  test('forgets a failed health check where there are no checks any more', () => {
    const members = createQuietMembers([buildMember({ health: buildHealth() })], () => 7_000);
    const [a] = members.view();
    members.apply(a!, 'checks-failed');
    members.revise({ changed: [{ member: a!, settings: buildMember({ health: buildHealth() }) }] });
    expect(a!.state.status).toBe(Status.healthCheckFailed);
    members.revise({ changed: [{ member: a!, settings: buildMember() }] });
    expect(a!.state.status).toBe(0);
  });
});

describe('other settings of a member', () => {
  test('hold at once, while state, counters and requests go on', () => {
    const members = create('a, b');
    const [a] = members.view();
    const attempt = members.elect(chosenOf(members));
    attempt.sent(100);
    attempt.report('failed');
    members.revise({
      changed: [{ member: a!, settings: buildMember({ name: 'a', route: 'other', max: 3 }) }],
    });
    expect(members.view()[0]).toBe(a);
    expect(a).toMatchObject({
      settings: { route: 'other', max: 3 },
      state: { errorAt: 7_000 },
      busy: 1,
      elected: 1,
      sent: 100,
      lbstatus: -100,
    });
    expect([members.hasRoute('a'), members.hasRoute('other')]).toEqual([false, true]);
    attempt.end();
    expect(a!.busy).toBe(0);
  });
});

describe('other rules', () => {
  const double = (candidates: readonly unknown[], _now: number, shares: Float64Array): number => {
    shares.fill(200, 0, candidates.length);
    return 200 * candidates.length;
  };

  test('begin with no credits, which another method would take for its own', () => {
    const members = create('a, b');
    members.elect(chosenOf(members));
    members.follow({ share: double, ejection: undefined });
    expect(members.view().map(({ lbstatus }) => lbstatus)).toEqual([0, 0]);
    members.elect(chosenOf(members));
    expect(members.view().map(({ lbstatus }) => lbstatus)).toEqual([-200, 200]);
    members.follow({ share: double, ejection: undefined });
    expect(members.view().map(({ lbstatus }) => lbstatus)).toEqual([-200, 200]);
  });

  test('without credits charge none', () => {
    const members = create('a, b');
    members.follow({ share: undefined, ejection: undefined });
    members.elect(chosenOf(members));
    expect(members.view()).toMatchObject([
      { lbstatus: 0, busy: 1, elected: 1 },
      { lbstatus: 0, busy: 0, elected: 0 },
    ]);
  });
});
