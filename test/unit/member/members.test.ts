import { describe, expect, test } from '@jest/globals';
import type { MemberEvent, MemberState } from '../../../src/member/member-state.ts';
import type { Attempt } from '../../../src/member/attempt.ts';
import { createMembers, type Members } from '../../../src/member/members.ts';
import { Status } from '../../../src/member/status.ts';
import { buildMembers, createQuietMembers } from '../../support/build-members.ts';
import { chosenOf } from './support.ts';

function create(notation: string): Members {
  return createQuietMembers(buildMembers(notation), () => 7_000);
}

describe('members', () => {
  test('begin with nothing charged, in the order of the definition', () => {
    const members = create('a, b D');
    expect(members.view()).toMatchObject([
      { settings: { name: 'a' }, busy: 0, elected: 0, lbstatus: 0, state: { status: 0 } },
      { settings: { name: 'b' }, busy: 0, elected: 0, lbstatus: 0, state: { status: Status.disabled } },
    ]);
  });

  test('know their routes, whoever can serve them', () => {
    const members = create('a:one D, b:');
    expect(['one', 'a', 'b', ''].map((route) => members.hasRoute(route))).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});

describe('an election', () => {
  test('charges the member and the credits of all candidates', () => {
    const members = create('a*2, b, c');
    const attempt = members.elect(chosenOf(members));
    expect(attempt.member).toBe(members.view()[0]);
    expect(attempt.isProbe()).toBe(false);
    expect(members.view().map(({ busy, elected, lbstatus }) => [busy, elected, lbstatus])).toEqual([
      [1, 1, -200],
      [0, 0, 100],
      [0, 0, 100],
    ]);
  });

  test('leaves the credits of those alone that were no candidates', () => {
    const members = create('a, b, c');
    members.elect(chosenOf(members, { candidates: members.view().slice(0, 2) }));
    expect(members.view().map(({ lbstatus }) => lbstatus)).toEqual([-100, 100, 0]);
  });

  test('charges no credits for a member that is no candidate itself', () => {
    const members = create('a, b, c');
    members.elect(chosenOf(members, { reason: 'route', candidates: members.view().slice(1) }));
    expect(members.view().map(({ lbstatus }) => lbstatus)).toEqual([0, 0, 0]);
    expect(members.view()[0]).toMatchObject({ busy: 1, elected: 1 });
  });

  test('notes a trial with the member, and nothing with the others', () => {
    const members = create('a E, b E');
    const attempt = members.elect(chosenOf(members, { probe: true }));
    expect(attempt.isProbe()).toBe(true);
    expect(members.view().map(({ state }) => [state.probing, state.retries])).toEqual([
      [true, 1],
      [false, 0],
    ]);
  });

  test('forgets the errors of all when it is forced', () => {
    const members = create('a E, b E');
    members.elect(chosenOf(members, { forced: true }));
    const forgotten = {
      status: 0,
      errorAt: undefined,
      retries: 1,
      failedTrials: 0,
      probing: false,
      ejectedMs: undefined,
      upSince: 7_000,
    };
    expect(members.view().map(({ state }) => state)).toEqual([forgotten, forgotten]);
  });
});

describe('an attempt', () => {
  test('keeps its member busy until it ends, and ends once', () => {
    const members = create('a');
    const attempts = [1, 2, 3].map(() => members.elect(chosenOf(members)));
    attempts[0]!.end();
    attempts[0]!.end();
    attempts[1]!.end();
    attempts[0]!.end();
    expect(members.view()[0]!.busy).toBe(1);
    attempts[2]!.end();
    expect(members.view()[0]).toMatchObject({ busy: 0, elected: 3 });
  });

  test('tells of its member without ending', () => {
    const members = create('a, b');
    const attempt = members.elect(chosenOf(members));
    attempt.report('failed');
    expect(members.view()[0]).toMatchObject({ busy: 1, state: { errorAt: 7_000 } });
    expect(members.view()[1]!.state.errorAt).toBeUndefined();
  });
});

/** Members, and what their listener was told. */
function listen(notation: string, happen: () => void = () => undefined) {
  const told: string[] = [];
  const members = createMembers(
    buildMembers(notation),
    () => 7_000,
    { share: undefined, ejection: undefined },
    {
      changed(member, before: MemberState, event: MemberEvent) {
        const what = typeof event === 'string' ? event : event.kind;
        told.push(`${member.settings.name} ${what}: ${before.status} > ${member.state.status}`);
        happen();
      },
      freed(member) {
        told.push(`${member.settings.name} freed: ${member.busy}`);
        happen();
      },
    },
  );
  return { members, told };
}

describe('the listener of members', () => {
  test('is told of changes of a state, of what they came by, and of nothing else', () => {
    const { members, told } = listen('a, b');
    const attempt = members.elect(chosenOf(members));
    attempt.report('succeeded');
    attempt.rate(true, 5);
    attempt.sent(5);
    attempt.received(5);
    expect(told).toEqual([]);
    attempt.report('failed');
    members.apply(members.view()[1]!, { kind: 'set', status: Status.drain });
    members.apply(members.view()[1]!, { kind: 'set', status: Status.drain });
    attempt.end();
    attempt.end();
    expect(told).toEqual(['a failed: 0 > 16', 'b set: 0 > 2', 'a freed: 0']);
  });

  test('is told of a forced recovery once all have recovered and the request is charged', () => {
    const seen: unknown[] = [];
    const { members, told } = listen('a E, b E', () => {
      seen.push(members.view().map(({ busy, state }) => [busy, state.status]));
    });
    members.elect(chosenOf(members, { forced: true }));
    expect(told).toEqual(['a forced: 16 > 0', 'b forced: 16 > 0']);
    expect(seen).toEqual(
      Array(2).fill([
        [1, 0],
        [0, 0],
      ]),
    );
  });

  test('may elect at once: the trial is known as one already', () => {
    const attempts: Attempt[] = [];
    const { members } = listen('a E', () => {
      if (attempts.length < 1) attempts.push(members.elect(chosenOf(members)));
    });
    const trial = members.elect(chosenOf(members, { probe: true }));
    expect([trial, ...attempts].map((attempt) => attempt.isProbe())).toEqual([true, false]);
    expect(members.view()[0]).toMatchObject({ busy: 2, elected: 2 });
  });

  test('finds the member free when it is told so', () => {
    const { members, told } = listen('a E');
    members.elect(chosenOf(members, { probe: true })).end();
    expect(told).toEqual(['a probed: 16 > 16', 'a probe-ended: 16 > 16', 'a freed: 0']);
  });
});
