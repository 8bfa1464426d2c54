import fc from 'fast-check';
import { describe, expect, test } from '@jest/globals';
import type { Change } from '../../../src/changes/change.ts';
import { buildSettings } from '../../../src/definition/build-settings.ts';
import { initialState, nextState } from '../../../src/member/member-state.ts';
import { Status } from '../../../src/member/status.ts';
import { ageOf, readErrorWord, writeMark } from '../../../src/sharing/error-word.ts';
import { readBusy, writeBusy } from '../../../src/sharing/busy-text.ts';
import {
  foldChanges,
  foldOnto,
  type Base,
  type Folded,
  type Word,
} from '../../../src/sharing/changes-fold.ts';
import { readChecks, writeChecks } from '../../../src/sharing/checks-text.ts';
import { createStamps, isStamp } from '../../../src/sharing/stamp.ts';
import { readBalancerTotals, readMemberTotals } from '../../../src/sharing/totals-text.ts';
import { hold } from '../../support/runs.ts';
import { buildCandidates } from '../choice/views.ts';

const now = 1_790_000_000_000;

describe('stamps of processes whose clocks differ', () => {
  test('are later than all that their process has said or heard before, and no two are the same', () => {
    const anyStep = fc.record({
      who: fc.nat(2),
      from: fc.nat(2),
      skewMs: fc.integer({ min: -5_000, max: 5_000 }),
    });
    hold(
      400,
      fc.property(fc.array(anyStep, { maxLength: 40 }), (steps) => {
        const clocks = [0, 1, 2].map((i) => createStamps(`0000000${i}`));
        const last = ['', '', ''];
        const all: string[] = [];
        for (const { who, from, skewMs } of steps) {
          if (last[from] !== '') clocks[who]!.follow(last[from]!, now);
          const stamp = clocks[who]!.next(now + skewMs);
          expect(isStamp(stamp, now)).toBe(true);
          expect(stamp > last[who]! && stamp > last[from]!).toBe(true);
          last[who] = stamp;
          all.push(stamp);
        }
        expect(new Set(all).size).toBe(all.length);
      }),
    );
  });
});

describe('changes that are laid on a balancer', () => {
  const definition = {
    members: [
      { url: 'http://127.0.0.1:1', route: 'a' },
      { url: 'http://127.0.0.1:2', route: 'b' },
    ],
  };
  const { members } = buildSettings(definition, { hostname: 'h', instance: 'i' });
  const base: Base = {
    definition,
    members: new Map(
      members.map((settings) => [
        settings.url,
        { settings, status: 0, isTold: false, isFromDns: false, added: undefined },
      ]),
    ),
    locals: new Map(),
  };
  const urls = [...base.members.keys(), 'http://127.0.0.1:3'];
  const anyDeed = fc.oneof(
    fc.record({
      kind: fc.constant('change' as const),
      set: fc.constantFrom<object>(
        { loadfactor: 3 },
        { lbset: 1 },
        { disabled: true },
        { route: 'c' },
        { route: 'a' },
        { redirect: 'b' },
        { timeout: 5 },
      ),
    }),
    fc.constantFrom(
      { kind: 'remove' as const },
      { kind: 'add' as const },
      { kind: 'configure' as const, set: { maxattempts: 2 } },
    ),
  );
  const anyWords = fc
    .array(fc.tuple(anyDeed, fc.nat(2)), { maxLength: 12 })
    .map((all) => all.map(([deed, which], i): Word => makeWord(deed, urls[which]!, i)));

  function makeWord(
    deed: typeof anyDeed extends fc.Arbitrary<infer Deed> ? Deed : never,
    url: string,
    i: number,
  ): Word {
    const id = createStamps('0000000a').next(now + i);
    const member = base.members.get(url)?.settings.name ?? url;
    const whole =
      deed.kind === 'configure'
        ? { ...deed, balancer: 'b' }
        : { ...deed, balancer: 'b', member: deed.kind === 'add' ? { url } : member };
    const change = { id, deed: whole, state: 'in-force', at: now } as unknown as Change;
    return { change, server: deed.kind === 'configure' ? undefined : url, isProgram: false };
  }

  const tell = ({ definition: own, members: all, removed, waiting }: Folded): unknown => ({
    definition: own,
    members: [...all].map(([server, { settings, status }]) => [server, JSON.stringify(settings), status]),
    removed: [...removed],
    waiting: [...waiting.keys()],
  });

  test('come to the same each time, one by one or all at once', () => {
    let waiting = 0;
    hold(
      300,
      fc.property(anyWords, (words) => {
        const folded = foldChanges(base, words, now, new Map());
        waiting += folded.waiting.size;
        expect(tell(foldChanges(base, words, now, new Map()))).toEqual(tell(folded));
        let step = foldChanges(base, [], now, new Map());
        for (const word of words)
          if (!folded.waiting.has(word.change.id)) step = foldOnto(step, base, word, now);
        expect(tell({ ...step, waiting: folded.waiting })).toEqual(tell(folded));
        expect(folded.members.size).toBeGreaterThan(0);
        expect([...base.members.keys()]).toEqual(urls.slice(0, 2));
      }),
    );
    expect(waiting).toBeGreaterThan(0);
  });
});

describe('what processes tell each other', () => {
  test('of errors makes a member as much in error as it was there, and reads any word or none', () => {
    hold(
      500,
      fc.property(
        fc.nat(3_600_000),
        fc.nat(100),
        fc.nat(20),
        fc.option(fc.nat(60_000), { nil: undefined }),
        (ageMs, retries, failedTrials, ejectedMs) => {
          const state = {
            ...initialState(Status.inError),
            errorAt: now - ageMs,
            retries,
            failedTrials,
            ejectedMs,
          };
          const word = readErrorWord(JSON.parse(JSON.stringify(writeMark(state, now))));
          if (word === undefined || word === null || typeof word === 'string') throw new Error('no mark');
          expect(ageOf(word, now, now)).toBe(ageMs);
          const heard = nextState(initialState(0), { kind: 'heard', error: { ...word, delayMs: 0 } }, now);
          expect(heard).toMatchObject({ errorAt: now - ageMs, retries, failedTrials, ejectedMs });
        },
      ),
    );
    hold(
      500,
      fc.property(fc.anything(), (value) => {
        const word = readErrorWord(value);
        if (typeof word === 'object' && word !== null) expect(word.ageMs).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test('of requests under way is read as it was written, and anything else is not', () => {
    const nameOf = ({ settings }: Readonly<{ settings: Readonly<{ name: string }> }>): string =>
      settings.name;
    hold(
      300,
      fc.property(fc.array(fc.nat(2_000_000), { maxLength: 5 }), (counts) => {
        if (counts.length === 0) return;
        const pasts = Object.fromEntries(counts.map((busy, i) => [`member_${i}`, { busy }]));
        const members = buildCandidates(Object.keys(pasts).join(', '), pasts);
        const read = readBusy(writeBusy(members, nameOf));
        const expected = members.filter(({ busy }) => busy > 0);
        expect([...read!]).toEqual(
          expected.map((member) => [nameOf(member), Math.min(member.busy, 1_000_000)]),
        );
      }),
    );
    hold(
      300,
      fc.property(fc.string({ unit: fc.constantFrom('a', '1', ' ', '-', '_', 'Z', '\n', 'é') }), (text) => {
        for (const count of readBusy(text)?.values() ?? []) expect(Number.isInteger(count)).toBe(true);
      }),
    );
  });

  const anyCheck = fc
    .record({
      passed: fc.boolean(),
      hasFailed: fc.boolean(),
      isEvent: fc.boolean(),
      counts: fc.record({ passed: fc.nat(1_000_000), failed: fc.nat(1_000_000) }),
      endedAgoMs: fc.nat(3_600_000),
      more: fc.nat(1_000),
      why: fc
        .string({ unit: fc.constantFrom(...'abc 5-.,'.split('')), maxLength: 90 })
        .map((text) => text.trim()),
    })
    .map(({ more, ...check }) => ({ ...check, beganAgoMs: Math.min(check.endedAgoMs + more, 3_600_000) }));

  test('of health checks is read as it was written, and of anything else what is right of it', () => {
    const anyTold = fc.record({ member: fc.string({ maxLength: 100 }), number: fc.nat(), check: anyCheck });
    hold(
      200,
      fc.property(
        fc.array(anyTold, { maxLength: 5 }),
        fc.boolean(),
        fc.boolean(),
        (checks, isHolder, asks) => {
          const { fault, ...read } = readChecks(writeChecks({ isHolder, asks, checks }));
          expect(fault).toBeUndefined();
          expect(JSON.stringify(read.checks.map(({ check }) => ({ ...check, why: '' })))).toHaveLength(
            JSON.stringify(checks.map(({ check }) => ({ ...check, why: '' }))).length,
          );
          expect(read).toMatchObject({
            isHolder,
            asks,
            checks: checks.map(({ member, number }) => ({ member, number })),
          });
        },
      ),
    );
    hold(
      300,
      fc.property(
        fc.oneof(
          fc.json(),
          fc.string(),
          fc.json().map((json) => `{"checks":[${json}]}`),
        ),
        (text) => {
          expect(readChecks(text).checks.every(({ check }) => check.beganAgoMs >= check.endedAgoMs)).toBe(
            true,
          );
        },
      ),
    );
  });

  test('of totals is read from any text without a throw', () => {
    const anyText = fc.oneof(
      fc.json(),
      fc.string(),
      fc
        .array(fc.jsonValue({ maxDepth: 2 }), { minLength: 7, maxLength: 10 })
        .map((all) => JSON.stringify(all)),
    );
    hold(
      500,
      fc.property(anyText, (text) => {
        readMemberTotals(text, () => undefined);
        const read = readBalancerTotals(text, () => undefined);
        if (read) expect(Number.isSafeInteger(read.waiting)).toBe(true);
      }),
    );
  });
});
