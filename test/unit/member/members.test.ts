import { describe, expect, jest, test } from '@jest/globals';
import type { Chosen } from '../../../src/choice/choose-member.ts';
import { createMembers, type Members } from '../../../src/member/members.ts';
import { Status } from '../../../src/member/status.ts';
import { buildMembers } from '../../support/build-members.ts';

/** The choice of the first of these members, among them all. */
function chosenOf(members: Members, overrides: Partial<Chosen> = {}): Chosen {
  const [member] = members.view();
  const candidates = members.view();
  return {
    kind: 'member',
    member: member!,
    reason: 'method',
    candidates,
    probe: false,
    forced: false,
    ...overrides,
  };
}

function create(notation: string): Members {
  return createMembers(buildMembers(notation), () => 7_000);
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
    members.elect(chosenOf(members, { candidates: members.view().slice(1) }));
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
    expect(members.view().map(({ state }) => state)).toEqual([
      { status: 0, errorAt: undefined, retries: 1, probing: false },
      { status: 0, errorAt: undefined, retries: 1, probing: false },
    ]);
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

describe('who waits for news of the members', () => {
  test('is called once, at the first change', () => {
    const members = create('a, b');
    const callback = jest.fn();
    members.whenChanged(callback);
    const attempt = members.elect(chosenOf(members));
    attempt.report('succeeded');
    expect(callback).not.toHaveBeenCalled();
    attempt.report('failed');
    members.elect(chosenOf(members, { forced: true }));
    expect(callback).toHaveBeenCalledTimes(1);
  });

  test('is called when the state is the new one already', () => {
    const members = create('a');
    const attempt = members.elect(chosenOf(members));
    const seen: (number | undefined)[] = [];
    members.whenChanged(() => seen.push(members.view()[0]!.state.errorAt));
    attempt.report('failed');
    expect(seen).toEqual([7_000]);
  });

  test('is not called after it has called off', () => {
    const members = create('a');
    const [callback, other] = [jest.fn(), jest.fn()];
    const callOff = members.whenChanged(callback);
    members.whenChanged(other);
    callOff();
    members.elect(chosenOf(members)).report('failed');
    expect(callback).not.toHaveBeenCalled();
    expect(other).toHaveBeenCalledTimes(1);
  });

  test('is not called after another, called before it, has called it off', () => {
    const members = create('a');
    const late = jest.fn();
    const callOff: (() => void)[] = [];
    members.whenChanged(() => {
      for (const each of callOff) each();
    });
    callOff.push(members.whenChanged(late));
    members.elect(chosenOf(members)).report('failed');
    expect(late).not.toHaveBeenCalled();
  });

  test('may wait again from within, for the next change', () => {
    const members = create('a');
    const attempt = members.elect(chosenOf(members));
    let calls = 0;
    const again = (): void => {
      calls += 1;
      members.whenChanged(again);
    };
    members.whenChanged(again);
    attempt.report('failed');
    expect(calls).toBe(1);
    members.elect(chosenOf(members, { forced: true }));
    expect(calls).toBe(2);
  });
});
