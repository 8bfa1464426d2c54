import { describe, expect, test } from '@jest/globals';
import { DefinitionError } from '../../../src/index.ts';
import { insideOf } from '../../../src/inside.ts';
import type { Deed } from '../../../src/changes/change.ts';
import { ManagerError } from '../../../src/manager/route.ts';
import { catchError } from '../../support/catch-error.ts';
import { deeds, minute, startBalancer, startLog } from './support.ts';

describe('a change of a member', () => {
  test('holds at once, and is undone', () => {
    const { make, undo, member, states, told } = startLog();

    const change = make(deeds.change('a', { loadfactor: 3, disabled: true }), { reason: 'disks' });
    expect(member('a')).toMatchObject({ loadfactor: 3, status: 'D' });
    expect(change).toMatchObject({ by: 'ann', reason: 'disks', state: 'in-force', ended: undefined });

    expect(undo(change)).toMatchObject({ state: 'undone', ended: { by: 'bob' } });
    expect(member('a')).toMatchObject({ loadfactor: 1, status: '' });
    expect(states()).toEqual(['undone']);
    expect(told).toEqual(['change in-force, 1 in force', 'change undone, 0 in force']);
  });

  test('undoes itself when its time is over', () => {
    const { make, member, clock, states, told } = startLog();

    make(deeds.change('a', { lbset: 2 }), { forMs: 20 * minute });
    clock.advance(20 * minute - 1);
    expect(member('a')!.lbset).toBe(2);
    clock.advance(1);

    expect(member('a')!.lbset).toBe(0);
    expect(states()).toEqual(['expired']);
    expect(told.at(-1)).toBe('change expired, 0 in force');
  });

  test('that expires uncovers the one below, not what was there first', () => {
    const { make, member, clock } = startLog();
    make(deeds.change('a', { loadfactor: 2 }));
    make(deeds.change('a', { loadfactor: 5 }), { forMs: minute });
    clock.advance(minute);
    expect(member('a')!.loadfactor).toBe(2);
  });

  test('that is undone leaves what the program has set since', () => {
    const { make, undo, member, balancer } = startLog();
    const change = make(deeds.change('a', { loadfactor: 2, lbset: 1 }));
    balancer.change('a', { loadfactor: 9 });
    undo(change);
    expect(member('a')).toMatchObject({ loadfactor: 9, lbset: 0 });
  });

  test('takes a parameter away, and gives it back', () => {
    const { make, undo, member } = startLog();
    const change = make(deeds.change('a', { route: null }));
    expect(member('a')!.route).toBeUndefined();
    undo(change);
    expect(member('a')!.route).toBe('a');
  });

  test('in status letters is one of flags', () => {
    const { make, undo, member } = startLog();
    const stop = make(deeds.change('a', { status: '+S-D' }));
    expect(stop.deed).toMatchObject({ set: { stopped: true, disabled: false } });
    make(deeds.change('a', { status: 'D' }));
    undo(stop);
    expect(member('a')!.status).toBe('D');
  });

  test('that is wrong is refused with every problem, and leaves no trace', () => {
    const { make, member, log, told } = startLog();
    const error = catchError(() => make(deeds.change('a', { loadfactor: 700, lbset: -1, disabled: true })));
    expect((error as DefinitionError).problems.map(({ path }) => path)).toEqual([
      'change.loadfactor',
      'change.lbset',
    ]);
    expect(member('a')).toMatchObject({ loadfactor: 1, status: '' });
    expect(log.list()).toEqual([]);
    expect(told).toEqual([]);
  });

  test('tells the name of a member that was asked for by its URL', () => {
    const { make } = startLog();
    expect(make(deeds.change('http://a.invalid', { lbset: 1 })).deed).toMatchObject({ member: 'a' });
  });

  test('tells names without what turns or hides letters', () => {
    const { log } = startLog();
    const deed = { kind: 'drain', balancer: 'app', member: 'a', deadlineMs: undefined } as const;
    const { id, by } = log.make({ deed, reason: undefined, forMs: undefined }, 'an\u202en\u200b');
    expect(by).toBe('ann');
    expect(log.undo(id, 'b\u200fob').ended).toMatchObject({ by: 'bob' });
  });

  test('that cannot be taken back is told so, and stays in force', () => {
    const { make, undo, balancer, member, states } = startLog();
    const change = make(deeds.change('a', { route: 'x' }));
    balancer.change('b', { route: 'a' });
    const error = catchError(() => undo(change));
    expect(error).toMatchObject({ code: 'ERR_MANAGER_CONFLICT' });
    expect((error as Error).message).toMatch(/: change\.route: 'b' has this route too$/);
    expect(states()).toEqual(['in-force']);
    expect(member('a')!.route).toBe('x');
  });

  test('that expires and cannot be taken back as a whole is taken back as far as it can', () => {
    const { make, balancer, member, clock, log, notes } = startLog();
    make(deeds.change('a', { route: 'x', loadfactor: 4 }), { forMs: minute });
    balancer.change('b', { route: 'a' });
    clock.advance(minute);
    expect(member('a')).toMatchObject({ route: 'x', loadfactor: 1 });
    expect(log.list()[0]).toMatchObject({
      state: 'expired',
      // One line, as everything in the log of changes.
      ended: {
        why: expect.stringMatching(/: route stays as it is: change\.route: 'b' has this route.+$/) as unknown,
      },
    });
    expect(notes.join()).toContain('route stays');
  });
});

describe('an error that is set or cleared', () => {
  test('is done once, and there is nothing to undo', () => {
    const { make, undo, member } = startLog();
    const change = make(deeds.change('a', { inError: true }));
    expect(change.state).toBe('done');
    expect(member('a')!.inError).toBe(true);
    expect(catchError(() => undo(change))).toMatchObject({ code: 'ERR_MANAGER_CONFLICT' });
    make(deeds.change('a', { status: '-E' }));
    expect(member('a')!.inError).toBe(false);
  });

  test.each([
    ['with an end', { inError: true }, { forMs: minute }, ['change.for']],
    ['beside what can be undone', { inError: true, lbset: 1 }, {}, ['change.inError']],
    ['both', { inError: false, drain: true }, { forMs: minute }, ['change.for', 'change.inError']],
  ])('is refused %s', (_case, set, terms, paths) => {
    const { make, member } = startLog();
    const error = catchError(() => make(deeds.change('a', set), terms));
    expect((error as DefinitionError).problems.map(({ path }) => path)).toEqual(paths);
    expect(member('a')).toMatchObject({ status: '', lbset: 0 });
  });
});

describe('a drain', () => {
  test('is disabled at its deadline, and both are back at its end', () => {
    const { make, member, clock } = startLog();
    make(deeds.drain('b', 10 * minute), { forMs: 20 * minute });
    expect(member('b')!.status).toBe('N');
    clock.advance(10 * minute);
    expect(member('b')!.status).toBe('ND');
    clock.advance(10 * minute);
    expect(member('b')!.status).toBe('');
  });

  test('for a while gives way to one for good', () => {
    const { make, member, clock, states } = startLog();
    make(deeds.drain('b'), { forMs: 20 * minute });
    make(deeds.drain('b'));
    clock.advance(20 * minute);
    expect(member('b')!.status).toBe('N');
    expect(states()).toEqual(['in-force', 'expired']);
  });

  test('whose deadline comes does not go over what was set after it was made', () => {
    const { make, undo, member, clock } = startLog();
    make(deeds.drain('b', 10 * minute));
    const enable = make(deeds.change('b', { disabled: false }));
    clock.advance(10 * minute);
    expect(member('b')!.status).toBe('N');
    undo(enable);
    expect(member('b')!.status).toBe('ND');
  });

  test('that is undone after its deadline leaves the member as it was', () => {
    const { make, undo, member, clock } = startLog();
    const drain = make(deeds.drain('b', minute));
    clock.advance(5 * minute);
    undo(drain);
    expect(member('b')!.status).toBe('');
  });
});

describe('a member that is added', () => {
  test('is there until the change is undone', () => {
    const { make, undo, member } = startLog();
    const add = make(deeds.add({ url: 'http://d.invalid', route: 'd' }));
    expect(add.deed).toMatchObject({ name: 'd' });
    expect(member('d')).toBeDefined();
    undo(add);
    expect(member('d')).toBeUndefined();
  });

  test('takes the changes on it along', () => {
    const { make, undo, log } = startLog();
    const add = make(deeds.add({ url: 'http://d.invalid', route: 'd' }));
    make(deeds.drain('d'));
    undo(add);
    expect(log.list().map(({ state, ended }) => [state, ended?.why])).toEqual([
      ['lost', 'its member is gone, and does not come back'],
      ['undone', undefined],
    ]);
  });

  test('stays, and the change is lost, when it is the last one as its time is over', () => {
    const { make, balancer, clock, member, log, notes } = startLog({
      balancers: [startBalancer({ members: ['http://a.invalid'] })],
    });
    make(deeds.add({ url: 'http://d.invalid', route: 'd' }), { forMs: minute });
    void balancer.remove('http://a.invalid');
    clock.advance(minute);
    expect(member('d')).toBeDefined();
    expect(log.list()[0]).toMatchObject({
      state: 'lost',
      ended: { why: expect.stringContaining('needs a member') as unknown },
    });
    expect(notes.join()).toContain('needs a member');
  });

  test('must be allowed', () => {
    const { make, balancer } = startLog({ allowMembers: ['*.internal'] });
    expect(catchError(() => make(deeds.add({ url: 'http://evil.example' })))).toMatchObject({
      code: 'ERR_MANAGER_FORBIDDEN',
    });
    expect(balancer.view()).toHaveLength(3);
    make(deeds.add({ url: 'http://d.INTERNAL:81' }));
    expect(balancer.view()).toHaveLength(4);
  });

  test('must be allowed by its name where DNS is to be asked', () => {
    const { make } = startLog({ allowMembers: ['*.internal'] });
    const deed = deeds.add({ url: 'http://evil.example', resolve: 'A' });
    expect(catchError(() => make(deed))).toMatchObject({ code: 'ERR_MANAGER_FORBIDDEN' });
  });

  test('stands for those whom DNS tells, and is taken away again', () => {
    const { make, undo, balancer } = startLog();
    const add = make(deeds.add({ url: 'http://many.invalid', resolve: 'A' }));
    const standing = (): number =>
      insideOf(balancer)
        .now()
        .parts.settings.members.filter(({ resolve }) => resolve).length;
    expect(standing()).toBe(1);
    expect(add.state).toBe('in-force');
    undo(add);
    expect(standing()).toBe(0);
  });
});

describe('a member that is removed', () => {
  test('comes back as it was', () => {
    const balancer = startBalancer({
      members: [
        { url: 'http://a.invalid', route: 'a', loadfactor: 3, hcmethod: 'TCP', hcinterval: '1h' },
        'http://b.invalid',
      ],
    });
    const { make, undo, member } = startLog({ balancers: [balancer] });
    balancer.change('a', '+I');
    const remove = make(deeds.remove('a'));
    expect(member('a')).toBeUndefined();
    undo(remove);
    expect(member('a')).toMatchObject({ url: 'http://a.invalid', route: 'a', loadfactor: 3, status: 'I' });
  });

  test('comes back when the time of the change is over', () => {
    const { make, clock, member, states } = startLog();
    make(deeds.remove('a'), { forMs: minute });
    clock.advance(minute);
    expect(member('a')).toBeDefined();
    expect(states()).toEqual(['expired']);
  });

  test('comes back with the changes that were made on it, and they can be undone', () => {
    const { make, undo, member, states } = startLog();
    const drain = make(deeds.drain('a'));
    const factor = make(deeds.change('a', { loadfactor: 7 }));
    undo(make(deeds.remove('a')));
    expect(member('a')).toMatchObject({ status: 'N', loadfactor: 7 });
    expect(states()).toEqual(['undone', 'in-force', 'in-force']);
    undo(drain);
    undo(factor);
    expect(member('a')).toMatchObject({ status: '', loadfactor: 1 });
  });

  test('comes back with what the program had set over a change, which stays when that is undone', () => {
    const { make, undo, balancer, member } = startLog();
    const change = make(deeds.change('a', { loadfactor: 5 }));
    balancer.change('a', { loadfactor: 7 });
    undo(make(deeds.remove('a')));
    expect(member('a')!.loadfactor).toBe(7);
    undo(change);
    expect(member('a')!.loadfactor).toBe(7);
  });

  test('comes back without what has ended meanwhile', () => {
    const { make, undo, member, clock } = startLog();
    make(deeds.drain('a', minute), { forMs: 10 * minute });
    make(deeds.change('a', { loadfactor: 7 }), { forMs: 2 * minute });
    const remove = make(deeds.remove('a'));
    clock.advance(5 * minute);
    undo(remove);
    expect(member('a')).toMatchObject({ status: 'ND', loadfactor: 1 });
  });

  test('keeps its changes when the program says the same as ever', () => {
    const definition = {
      members: [{ url: 'http://a.invalid', route: 'a' }, 'http://b.invalid'],
      logger: false,
    } as const;
    const { make, undo, member, balancer } = startLog({ balancers: [startBalancer(definition)] });
    make(deeds.drain('a'));
    make(deeds.change('a', { loadfactor: 7 }));
    undo(make(deeds.remove('a')));
    balancer.update(definition);
    expect(member('a')).toMatchObject({ status: 'N', loadfactor: 7 });
  });

  test('comes back though it is a function of the program, or behind a socket', () => {
    const members = [
      { handler: () => undefined, route: 'sorry', status: 'H' },
      { url: 'unix:/run/app.sock|http://localhost', route: 'socket' },
      'http://a.invalid',
    ] as const;
    const { make, undo, member } = startLog({
      allowMembers: ['*.internal'],
      balancers: [startBalancer({ members })],
    });
    for (const name of ['sorry', 'socket']) {
      const before = member(name);
      const remove = make(deeds.remove(name));
      expect(member(name)).toBeUndefined();
      undo(remove);
      expect(member(name)).toEqual(before);
    }
  });

  test('is not the last one', () => {
    const { make, log, balancer } = startLog({
      balancers: [startBalancer({ members: ['http://a.invalid'] })],
    });
    const error = catchError(() => make(deeds.remove('http://a.invalid')));
    expect(error).toBeInstanceOf(DefinitionError);
    expect((error as Error).message).toContain('needs a member');
    expect(balancer.view()).toHaveLength(1);
    expect(log.list()).toEqual([]);
  });

  test('comes back only where it is allowed', () => {
    let isOpen = true;
    const { make, undo, member, states } = startLog({ allowMembers: () => isOpen });
    const remove = make(deeds.remove('a'));
    isOpen = false;
    expect(catchError(() => undo(remove))).toMatchObject({ code: 'ERR_MANAGER_FORBIDDEN' });
    expect(member('a')).toBeUndefined();
    expect(states()).toEqual(['in-force']);
  });

  test('is lost to the log when somebody has added its server', () => {
    const { make, balancer, log } = startLog();
    make(deeds.drain('a'));
    make(deeds.remove('a'));
    balancer.add('http://a.invalid');
    expect(log.list().map(({ state, ended }) => [state, ended?.why])).toEqual([
      ['lost', 'somebody has added the server again'],
      ['lost', 'its member was removed, and somebody has added the server again'],
    ]);
  });

  test('does not come back under another name', () => {
    const { make, undo, balancer, member } = startLog();
    const remove = make(deeds.remove('a'));
    balancer.add({ url: 'http://other.invalid', route: 'a', lbset: 5 });
    expect(catchError(() => undo(remove))).toMatchObject({ code: 'ERR_MANAGER_CONFLICT' });
    expect(member('a')!.url).toBe('http://other.invalid');
    expect(balancer.view()).toHaveLength(3);
  });

  test('was added, and the addition is undone', () => {
    const { make, undo, states, balancer } = startLog();
    const add = make(deeds.add({ url: 'http://d.invalid', route: 'd' }));
    make(deeds.remove('d'));
    undo(add);
    expect(states()).toEqual(['lost', 'undone']);
    expect(balancer.view()).toHaveLength(3);
  });
});

describe('a balancer that is configured', () => {
  test('goes back to what it was', () => {
    const balancer = startBalancer({ maxattempts: 4 });
    const { make, undo } = startLog({ balancers: [balancer] });
    const options = (): unknown => insideOf(balancer).roster.definition();
    const change = make(deeds.configure({ maxattempts: null, lbmethod: 'bybusyness' }));
    expect(options()).toMatchObject({ lbmethod: 'bybusyness' });
    expect(options()).not.toHaveProperty('maxattempts');
    undo(change);
    expect(options()).toMatchObject({ maxattempts: 4 });
    expect(options()).not.toHaveProperty('lbmethod');
  });

  test('keeps what another definition says', () => {
    const balancer = startBalancer();
    const { make, undo } = startLog({ balancers: [balancer] });
    const change = make(deeds.configure({ maxattempts: 2 }));
    balancer.update({ name: 'app', members: ['http://a.invalid'], maxattempts: 9, logger: false });
    undo(change);
    expect(insideOf(balancer).roster.definition()).toMatchObject({ maxattempts: 9 });
  });

  test('refuses what cannot be configured', () => {
    const { make, log } = startLog();
    const error = catchError(() => make(deeds.configure({ members: [] } as object)));
    expect((error as Error).message).toContain('balancer.add');
    expect(log.list()).toEqual([]);
  });
});

describe('what somebody sets when told of a change', () => {
  test('stays when the change is undone', () => {
    const { make, undo, member, balancer } = startLog();
    balancer.on('state', ({ to }) => {
      if (to === 'D') balancer.change('a', { loadfactor: 7 });
    });
    const change = make(deeds.change('a', { disabled: true, loadfactor: 3 }));
    undo(change);
    expect(member('a')).toMatchObject({ status: '', loadfactor: 7 });
  });

  test('stays when one below the change is undone, too', () => {
    const { make, undo, member, balancer } = startLog();
    const below = make(deeds.change('a', { loadfactor: 2 }));
    const change = make(deeds.change('a', { loadfactor: 3, disabled: true }));
    balancer.on('state', () => {
      balancer.change('a', { loadfactor: 7 });
    });
    undo(change);
    undo(below);
    expect(member('a')).toMatchObject({ status: '', loadfactor: 7 });
  });

  test('stays when the change has ended as far as it could', () => {
    const { make, undo, clock, member, balancer } = startLog();
    const below = make(deeds.change('a', { loadfactor: 2 }));
    make(deeds.change('a', { route: 'x', loadfactor: 3, disabled: true }), { forMs: minute });
    balancer.change('b', { route: 'a' });
    balancer.on('state', () => {
      balancer.change('a', { loadfactor: 5 });
    });
    clock.advance(minute);
    undo(below);
    expect(member('a')).toMatchObject({ status: '', route: 'x', loadfactor: 5 });
  });

  test('may be that a member which is added goes again', () => {
    const { make, balancer, states } = startLog();
    balancer.on('members', ({ added }) => {
      if (added.includes('d')) void balancer.remove('d');
    });
    make(deeds.add({ url: 'http://d.invalid', route: 'd' }));
    expect(states()).toEqual(['lost']);
  });
});

describe('a member that leaves otherwise', () => {
  test('takes the changes on it along', () => {
    const { make, balancer, log, told } = startLog();
    make(deeds.drain('a'));
    make(deeds.drain('b'));
    balancer.update({ name: 'app', members: [{ url: 'http://b.invalid', route: 'b' }], logger: false });
    expect(log.list().map(({ state, ended }) => [state, ended?.why])).toEqual([
      ['in-force', undefined],
      ['lost', 'its member has left: another definition holds, or DNS tells it no more'],
    ]);
    expect(told.at(-1)).toBe('drain lost, 1 in force');
  });

  test('is not another one of its name', () => {
    const { make, balancer, states } = startLog();
    make(deeds.drain('a'));
    balancer.update({ name: 'app', members: [{ url: 'http://new.invalid', route: 'a' }], logger: false });
    expect(states()).toEqual(['lost']);
    make(deeds.drain('a'));
    expect(states()).toEqual(['in-force', 'lost']);
  });
});

describe('a member that has another route by another definition', () => {
  test('is the same one', () => {
    const { make, undo, balancer } = startLog();
    const drain = make(deeds.drain('a'));
    const route = 'renamed';
    balancer.update({
      name: 'app',
      members: [{ url: 'http://a.invalid', route }, 'http://b.invalid'],
      logger: false,
    });
    const remove = make(deeds.remove(route));
    undo(remove);
    expect(balancer.view().find(({ name }) => name === route)!.status).toBe('N');
    undo(drain);
    expect(balancer.view().find(({ name }) => name === route)!.status).toBe('');
  });
});

describe('whoever is asked for', () => {
  test.each([
    ['balancer', { ...deeds.drain('a'), balancer: 'nobody' }, /no balancer 'nobody'/],
    ['member', deeds.drain('nobody'), /'app' has no member 'nobody'/],
  ])('must be there: a %s', (_what, deed, message) => {
    const { make } = startLog();
    const error = catchError(() => make(deed));
    expect(error).toBeInstanceOf(ManagerError);
    expect(error).toMatchObject({
      code: 'ERR_MANAGER_NOT_FOUND',
      message: expect.stringMatching(message) as unknown,
    });
  });

  test('must be there: a change', () => {
    const { log } = startLog();
    expect(catchError(() => log.undo('nothing', 'bob'))).toMatchObject({ code: 'ERR_MANAGER_NOT_FOUND' });
  });

  test('is undone once', () => {
    const { make, undo } = startLog();
    const change = make(deeds.drain('a'));
    undo(change);
    expect(catchError(() => undo(change))).toMatchObject({ code: 'ERR_MANAGER_CONFLICT' });
  });

  test('may be closed: then changes end and none is made', async () => {
    const { make, undo, balancer, states, clock } = startLog();
    const first = make(deeds.drain('a'));
    make(deeds.drain('b'), { forMs: minute });
    await balancer.close();
    expect(states()).toEqual(['in-force', 'in-force']);
    undo(first);
    clock.advance(minute);
    expect(states()).toEqual(['expired', 'undone']);
    expect(catchError(() => make(deeds.drain('c')))).toMatchObject({ code: 'ERR_MANAGER_CONFLICT' });
  });
});

describe('the list', () => {
  test('is the newest first, and keeps the last 200 that have ended beside all in force', () => {
    const { make, undo, log } = startLog();
    const first = make(deeds.drain('a'));
    const ended = Array.from({ length: 205 }, (_, i) => undo(make(deeds.change('b', { lbset: i % 9 }))));
    expect(log.list()).toHaveLength(201);
    expect(log.list()[0]!.id).toBe(ended.at(-1)!.id);
    expect(log.list().at(-1)!.id).toBe(first.id);
    expect(log.list().at(-2)!.id).toBe(ended[5]!.id);
  });

  test('has at most a thousand changes in force', () => {
    const { make, undo, member } = startLog();
    const all = Array.from({ length: 1000 }, () => make(deeds.change('a', { lbset: 1 })));
    expect(catchError(() => make(deeds.change('a', { lbset: 2 })))).toMatchObject({
      code: 'ERR_MANAGER_CONFLICT',
    });
    expect(member('a')!.lbset).toBe(1);
    undo(all[0]!);
    make(deeds.change('a', { lbset: 2 }));
    expect(member('a')!.lbset).toBe(2);
  });

  test('is told to be another one, once for each change', () => {
    const { make, undo, log } = startLog();
    let count = 0;
    const off = log.onChange(() => (count += 1));
    const change = make(deeds.drain('a'));
    catchError(() => make(deeds.drain('nobody')));
    undo(change);
    expect(count).toBe(2);
    off();
    make(deeds.drain('a'));
    expect(count).toBe(2);
  });

  test('cannot be edited', () => {
    const { make, log } = startLog();
    const change = make(deeds.change('a', { lbset: 1 }));
    expect(Object.isFrozen(change)).toBe(true);
    expect(Object.isFrozen(change.deed)).toBe(true);
    expect(Object.isFrozen(log.list())).toBe(true);
  });
});

describe('the timer', () => {
  test('is one, for what is due next', () => {
    const { make, undo, clock } = startLog();
    expect(clock.timers()).toBe(0);
    const late = make(deeds.drain('a', 5 * minute), { forMs: 30 * minute });
    const soon = make(deeds.drain('b'), { forMs: minute });
    expect(clock.timers()).toBe(1);
    undo(late);
    undo(soon);
    expect(clock.timers()).toBe(0);
  });

  test('outlasts what a timer of Node can wait', () => {
    const { make, clock, states } = startLog();
    const days = 24 * 60 * minute;
    make(deeds.drain('a'), { forMs: 100 * days });
    clock.advance(99 * days);
    expect(states()).toEqual(['in-force']);
    clock.advance(days);
    expect(states()).toEqual(['expired']);
  });

  test('goes by the wall clock, when it is set back', () => {
    const { make, clock, states } = startLog();
    make(deeds.drain('a'), { forMs: 10 * minute });
    clock.set(clock.now() - 5 * minute);
    clock.advance(10 * minute);
    expect(states()).toEqual(['in-force']);
    clock.advance(5 * minute);
    expect(states()).toEqual(['expired']);
  });

  test.each<readonly [what: string, deed: Deed, forMs: number | undefined, status: string]>([
    ['an end', deeds.drain('a'), minute, ''],
    ['a deadline', deeds.drain('a', minute), undefined, 'ND'],
  ])('does not forget %s that has come before it rings', (_what, deed, forMs, status) => {
    const { make, clock, log, member } = startLog();
    make(deed, { forMs });
    clock.set(clock.now() + minute);
    log.sync();
    expect(member('a')!.status).toBe(status);
  });

  test('does not forget what comes due while something else is done', () => {
    const { make, clock, balancer, states } = startLog();
    make(deeds.drain('a'), { forMs: minute });
    balancer.on('state', () => {
      clock.set(clock.now() + minute);
    });
    make(deeds.change('b', { disabled: true }));
    clock.advance(0);
    expect(states()).toEqual(['in-force', 'expired']);
  });

  test('goes by the wall clock, when it is set forward or the machine has slept', () => {
    const { make, clock, states } = startLog();
    make(deeds.drain('a'), { forMs: 100 * minute });
    clock.set(clock.now() + 100 * minute);
    clock.advance(minute);
    expect(states()).toEqual(['expired']);
  });

  test('is not set again by a log that is closed, which listens to nobody', () => {
    const { make, clock, log, balancer, told, states } = startLog();
    make(deeds.drain('a'), { forMs: minute });
    log.close();
    log.sync();
    balancer.update({ name: 'app', members: ['http://b.invalid'], logger: false });
    expect(states()).toEqual(['in-force']);
    expect(told).toHaveLength(1);
    expect(clock.timers()).toBe(0);
  });

  test('is needed: no change is made when the log is closed', () => {
    const { make, log, member } = startLog();
    log.close();
    expect(() => make(deeds.drain('a'), { forMs: minute })).toThrow(
      expect.objectContaining({ code: 'ERR_MANAGER_CLOSED' }),
    );
    expect(member('a')!.status).toBe('');
  });

  test('is gone when the log is closed; changes stay', () => {
    const { make, clock, log, member } = startLog();
    make(deeds.drain('a'), { forMs: minute });
    log.close();
    expect(clock.timers()).toBe(0);
    expect(member('a')!.status).toBe('N');
  });
});
