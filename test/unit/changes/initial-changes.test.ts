import { describe, expect, test } from '@jest/globals';
import type { Balancer } from '../../../src/index.ts';
import type { Change } from '../../../src/changes/change.ts';
import { createFakeClock, deeds, minute, startBalancer, startLog, store } from './support.ts';

const at = Date.UTC(2026, 0, 1) - minute;

let count = 0;

/** A stored change. */
function stored(deed: unknown, others: Record<string, unknown> = {}): unknown {
  count += 1;
  return { id: String(count).padStart(4, '0'), at, by: 'ann', deed, state: 'in-force', ...others };
}

describe('changes that were stored', () => {
  test('hold again after a restart, and are undone to what the program says then', () => {
    const kept: { inForce: readonly Change[] } = { inForce: [] };
    const first = startLog({ onChange: (_change, inForce) => (kept.inForce = inForce) });
    first.make(deeds.change('a', { loadfactor: 4 }), { reason: 'disks' });
    first.make(deeds.drain('b', 10 * minute), { forMs: 20 * minute });
    first.make(deeds.add({ url: 'http://d.invalid', route: 'd' }));
    first.make(deeds.change('d', { lbset: 3 }));
    first.make(deeds.remove('c'));
    first.make(deeds.configure({ maxattempts: 2 }));

    const balancer = startBalancer({
      members: ['a', 'b', 'c'].map((route) => ({ url: `http://${route}.invalid`, route, loadfactor: 2 })),
    });
    const clock = createFakeClock(first.clock.now() + 11 * minute);
    const second = startLog({ initialChanges: store(kept.inForce), clock, balancers: [balancer] });

    expect(store(second.log.list().toReversed())).toEqual(store(kept.inForce));
    const names = (): unknown =>
      balancer.view().map(({ name, status, loadfactor, lbset }) => `${name}${status} ${loadfactor} ${lbset}`);
    expect(names()).toEqual(['a 4 0', 'bND 2 0', 'd 1 3']);
    clock.advance(9 * minute);
    for (const change of second.log.list().filter(({ state }) => state === 'in-force')) second.undo(change);
    expect(names()).toEqual(['a 2 0', 'b 2 0', 'c 2 0']);
    expect(second.notes).toEqual([]);
  });

  test('hold in the order in which they were made, whichever way round they are', () => {
    const changes = [stored(deeds.change('a', { lbset: 1 })), stored(deeds.change('a', { lbset: 2 }))];
    const { member, log, undo } = startLog({ initialChanges: changes.toReversed() });
    expect(member('a')!.lbset).toBe(2);
    undo(log.list()[0]!);
    expect(member('a')!.lbset).toBe(1);
  });

  test('are older than every new one', () => {
    const first = startLog({ clock: createFakeClock(at + 10 * minute) });
    const change = first.make(deeds.drain('a'));
    // The clock was set back between the two.
    const second = startLog({ initialChanges: [store(change)], clock: createFakeClock(at) });
    expect(second.make(deeds.drain('b')).id > change.id).toBe(true);
  });

  test('are dropped without a word when their time is over, or they had ended', () => {
    const { log, notes, member } = startLog({
      initialChanges: [
        stored(deeds.drain('a'), { until: at + 1 }),
        stored(deeds.drain('a'), { state: 'undone', ended: { at } }),
      ],
    });
    expect(log.list()).toEqual([]);
    expect(notes).toEqual([]);
    expect(member('a')!.status).toBe('');
  });

  test('on a member that was added do not fall on another one that is called so now', () => {
    const first = startLog();
    const changes = [
      first.make(deeds.add({ url: 'http://d.invalid', route: 'd' })),
      first.make(deeds.change('d', { loadfactor: 9 })),
      first.make(deeds.drain('d')),
    ];
    const balancer = startBalancer({
      members: ['http://a.invalid', { url: 'http://e.invalid', route: 'd', lbset: 1 }],
    });
    const { states, notes } = startLog({ initialChanges: store(changes), balancers: [balancer] });
    expect(states()).toEqual(['lost', 'lost', 'lost']);
    expect(balancer.view()).toMatchObject([
      { url: 'http://a.invalid' },
      { name: 'd', url: 'http://e.invalid', status: '', loadfactor: 1 },
    ]);
    expect(balancer.view()).toHaveLength(2);
    expect(notes).toEqual([expect.stringContaining("would be called 'http://d.invalid' now")]);
  });

  test('hold whatever else stands in them', () => {
    const deed = { ...deeds.configure({ lbmethod: 'random' }), member: { toString: 1 } };
    expect(startLog({ initialChanges: [stored(deed)] }).states()).toEqual(['in-force']);
  });

  test('expire at their time', () => {
    const { member, clock } = startLog({
      initialChanges: [stored(deeds.drain('a'), { until: at + 5 * minute })],
    });
    expect(member('a')!.status).toBe('N');
    clock.advance(4 * minute);
    expect(member('a')!.status).toBe('');
  });

  test('do not touch the store at the start', () => {
    const { told } = startLog({ initialChanges: [stored(deeds.drain('a')), stored(deeds.drain('nobody'))] });
    expect(told).toEqual([]);
  });
});

describe('a stored change that does not fit', () => {
  test.each<readonly [what: string, deed: unknown, why: RegExp]>([
    ['no such balancer', { ...deeds.drain('a'), balancer: 'other' }, /no such balancer/],
    ['no such member', deeds.drain('nobody'), /no member 'nobody'/],
    ['a wrong value', deeds.change('a', { loadfactor: 900 }), /loadfactor.*write a number from 1 to 100/],
    ['a wrong option', deeds.configure({ maxattempts: -1 }), /maxattempts/],
    [
      'a server that is not allowed',
      { ...deeds.add({ url: 'http://evil.example' }), name: 'x' },
      /not allowed/,
    ],
    ['the removal of somebody who is not there', deeds.remove('x'), /no member 'x'/],
  ])('is lost, and told of once: %s', (_what, deed, why) => {
    const { log, notes, member } = startLog({
      allowMembers: ['*.invalid'],
      initialChanges: [stored(deed), stored(deeds.drain('a'))],
    });
    expect(log.list()).toHaveLength(2);
    expect(log.list()[1]).toMatchObject({
      state: 'lost',
      ended: { why: expect.stringMatching(why) as unknown },
    });
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(/^warn: \[manager\] changes that were stored do not hold/);
    expect(notes[0]).toMatch(why);
    expect(member('a')!.status).toBe('N');
  });

  test.each<readonly [what: string, element: unknown, path: string]>([
    ['nothing', null, 'initialChanges[0]'],
    ['a text', 'drain', 'initialChanges[0]'],
    ['a function', () => 1, 'initialChanges[0]'],
    ['a ring', ring(), 'initialChanges[0]'],
    ['a trap', trap(), 'initialChanges[0]'],
    ['no id', stored(deeds.drain('a'), { id: undefined }), 'initialChanges[0].id'],
    ['an id that is no text', stored(deeds.drain('a'), { id: { toString: 1 } }), 'initialChanges[0].id'],
    ['a long id', stored(deeds.drain('a'), { id: 'x'.repeat(65) }), 'initialChanges[0].id'],
    ['a wrong time', stored(deeds.drain('a'), { at: 'now' }), 'initialChanges[0].at'],
    ['a wrong end', stored(deeds.drain('a'), { until: '20m' }), 'initialChanges[0].until'],
    ['a wrong reason', stored(deeds.drain('a'), { reason: 'x'.repeat(501) }), 'initialChanges[0].reason'],
    ['nobody', stored(deeds.drain('a'), { by: 7 }), 'initialChanges[0].by'],
    ['nobody one sees', stored(deeds.drain('a'), { by: '\u200b' }), 'initialChanges[0].by'],
    [
      'a reason that turns the line',
      stored(deeds.drain('a'), { reason: 'a\u200fb' }),
      'initialChanges[0].reason',
    ],
    ['another state', stored(deeds.drain('a'), { state: 'holding' }), 'initialChanges[0].state'],
    ['no deed', stored(undefined), 'initialChanges[0].deed'],
    ['an unknown deed', stored({ kind: 'explode', balancer: 'app' }), 'initialChanges[0].deed'],
    ['nobody to drain', stored({ kind: 'drain', balancer: 'app' }), 'initialChanges[0].deed.member'],
    [
      'a wrong deadline',
      stored({ ...deeds.drain('a'), deadlineMs: -1 }),
      'initialChanges[0].deed.deadlineMs',
    ],
    [
      'a deadline that is no date',
      stored({ ...deeds.drain('a'), deadlineMs: 1e300 }),
      'initialChanges[0].deed.deadlineMs',
    ],
    [
      'a time behind which no date is',
      stored(deeds.drain('a', minute), { at: 8.64e15 }),
      'initialChanges[0].at',
    ],
    ['a socket', stored({ ...deeds.add({ url: 'unix:/run/x|http://x' }), name: 'x' }), 'member.url'],
    ['no options', stored({ kind: 'change', balancer: 'app', member: 'a' }), 'initialChanges[0].deed'],
    [
      'a misspelt option',
      stored({ ...deeds.drain('a'), kind: 'change', set: { loadfaktor: 2 } }),
      'write loadfactor',
    ],
  ])('is left out, and told of once: %s', (_what, element, path) => {
    const { log, notes, member } = startLog({ initialChanges: [element, stored(deeds.drain('b'))] });
    expect(log.list()).toHaveLength(1);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain(path);
    expect(member('b')!.status).toBe('N');
    expect(member('a')!.status).toBe('');
  });

  test.each([
    ['a text', '[]', 'JSON.parse'],
    ['a record', {}, 'the list that onChange was handed'],
    ['a function', () => [], 'the list that onChange was handed'],
  ])('is no list: %s', (_what, initialChanges, advice) => {
    const { notes } = startLog({ initialChanges });
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain(advice);
  });

  test('is the second of its id', () => {
    const change = stored(deeds.drain('a'));
    const { log, notes } = startLog({ initialChanges: [change, change] });
    expect(log.list()).toHaveLength(1);
    expect(notes[0]).toContain('another one of this id');
  });

  test('is one too many', () => {
    const changes = Array.from({ length: 1100 }, () => stored(deeds.change('a', { lbset: 1 })));
    const { log, notes } = startLog({ initialChanges: changes });
    expect(log.list()).toHaveLength(1000);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain('initialChanges[1000] and what follows');
  });
});

describe('a balancer that is not there yet', () => {
  test('has its stored changes when it comes', () => {
    const there: Balancer[] = [startBalancer({ name: 'first' })];
    const { log, notes, told, make } = startLog({
      balancers: () => there,
      mayAppear: true,
      initialChanges: [stored(deeds.drain('a')), stored({ ...deeds.drain('b'), balancer: 'first' })],
    });
    expect(log.list().map(({ state }) => state)).toEqual(['in-force', 'in-force']);
    expect(notes).toEqual([]);
    there.push(startBalancer());
    log.sync();
    expect(there[1]!.view()[0]!.status).toBe('N');
    make(deeds.drain('b'));
    expect(told).toEqual(['drain in-force, 3 in force']);
  });

  test('and that comes a second time has them once more', async () => {
    const there: Balancer[] = [startBalancer()];
    const { log, make } = startLog({ balancers: () => there, mayAppear: true });
    make(deeds.drain('a'));
    await there.pop()!.close();
    log.sync();
    expect(log.list()[0]!.state).toBe('in-force');
    there.push(startBalancer());
    log.sync();
    expect(there[0]!.view()[0]!.status).toBe('N');
    log.undo(log.list()[0]!.id, 'bob');
    expect(there[0]!.view()[0]!.status).toBe('');
  });

  test('may never come: its changes expire', () => {
    const { log, clock } = startLog({
      mayAppear: true,
      initialChanges: [stored({ ...deeds.drain('a'), balancer: 'other' }, { until: at + 5 * minute })],
    });
    clock.advance(5 * minute);
    expect(log.list()[0]!.state).toBe('expired');
  });

  test('but of which a wrong change was stored loses that one, and the store hears of it', () => {
    const there: Balancer[] = [];
    const { log, notes, told } = startLog({
      balancers: () => there,
      mayAppear: true,
      initialChanges: [stored(deeds.drain('nobody'))],
    });
    there.push(startBalancer());
    log.sync();
    expect(log.list()[0]!.state).toBe('lost');
    expect(notes).toHaveLength(1);
    expect(told).toEqual(['drain lost, 0 in force']);
  });
});

function ring(): unknown {
  const change = stored(deeds.drain('a')) as Record<string, unknown>;
  change['deed'] = change;
  return change;
}

function trap(): unknown {
  return Object.defineProperty({}, 'id', {
    enumerable: true,
    get() {
      throw new Error('not for you');
    },
  });
}
