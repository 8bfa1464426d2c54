import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { createBalancer, DefinitionError } from '../../../src/index.ts';
import type { Change } from '../../../src/changes/change.ts';
import { insideOf } from '../../../src/inside.ts';
import { ManagerError } from '../../../src/manager/route.ts';
import { catchError } from '../../support/catch-error.ts';
import { createMemoryNet, type MemoryNet } from '../../support/memory-net.ts';
import { createFakeClock, deeds, minute } from '../changes/support.ts';
import { startProcess, type ChangingProcess } from './changing-process.ts';

const url = 'http://x.invalid';

/** Processes that share, under one clock. */
function startNet(count: number, definition: Parameters<typeof startProcess>[1] = {}) {
  const net = createMemoryNet();
  const clock = createFakeClock();
  const processes = Array.from({ length: count }, () => startProcess(net, { clock, ...definition }));
  const [first, second] = processes as [ChangingProcess, ChangingProcess];
  return { net, clock, processes, first, second, start: () => startProcess(net, { clock, ...definition }) };
}

function inForce({ shared }: ChangingProcess) {
  return shared.log.list().filter(({ state }) => state === 'in-force');
}

function wordsIn(net: MemoryNet): number {
  return [...net.kept().values()].filter(({ value }) => value !== 'null').length;
}

describe('a change', () => {
  test('holds at once where it is made, and then everywhere, and ends everywhere when anybody undoes it', () => {
    const { net, first, second, start } = startNet(2);
    const change = first.make(deeds.change('a', { loadfactor: 3, disabled: true }), { reason: 'disks' });
    expect(first.members()).toEqual(['a.invalid D 3', 'b.invalid 1', 'c.invalid 1']);
    net.settle();
    expect(second.members()).toEqual(first.members());
    expect(second.shared.log.list()).toEqual([change]);
    expect(start().members()).toEqual(first.members());
    second.undo(change);
    net.settle();
    expect(first.members()).toEqual(['a.invalid 1', 'b.invalid 1', 'c.invalid 1']);
    expect(first.shared.log.list()).toMatchObject([{ state: 'undone', by: 'ann', ended: { by: 'bob' } }]);
  });

  test('ends, and a drain has its deadline, by the clock of each process, without a word', () => {
    const { net, clock, processes } = startNet(2);
    processes[0]!.make(deeds.drain('a', 5 * minute), { forMs: 9 * minute });
    net.settle();
    const before = net.kept().size;
    clock.advance(5 * minute);
    for (const one of processes) expect(one.members()[0]).toBe('a.invalid ND 1');
    clock.advance(4 * minute);
    for (const one of processes) {
      expect(one.members()[0]).toBe('a.invalid 1');
      expect(one.shared.log.list()).toMatchObject([{ state: 'expired' }]);
    }
    net.settle();
    expect(net.kept().size).toBe(before);
  });

  test('of an option holds everywhere', () => {
    const { net, first, second } = startNet(2);
    const change = first.make(deeds.configure({ maxattempts: 1 }));
    net.settle();
    expect(second.look()).toMatchObject({ definition: { maxattempts: 1 } });
    second.undo(change);
    expect(second.look()).not.toHaveProperty('definition.maxattempts');
  });

  test('that is made where nobody hears it is the lower one of a later one made elsewhere', () => {
    const { net, clock, first, second } = startNet(2);
    first.hub.cut();
    first.make(deeds.change('a', { loadfactor: 2, lbset: 1 }));
    clock.advance(1000);
    second.make(deeds.change('a', { loadfactor: 7 }));
    first.hub.mend();
    net.settle();
    for (const { balancer, shared } of [first, second]) {
      shared.log.sync();
      expect(balancer.view()[0]).toMatchObject({ loadfactor: 7, lbset: 1 });
    }
  });

  test('on a member that another process does not have waits there, is told of once, and holds when it comes', () => {
    const { net, first, second } = startNet(2);
    const members = ['http://a.invalid', 'http://b.invalid', 'http://c.invalid', url];
    first.balancer.update({ name: 'app', members });
    first.make(deeds.change(url, { loadfactor: 4 }));
    net.settle();
    second.shared.log.sync();
    second.shared.log.sync();
    expect(second.shared.log.list()).toMatchObject([
      { state: 'in-force', waiting: expect.stringContaining('there is no member of this name') as unknown },
    ]);
    expect(first.shared.log.list()[0]).not.toHaveProperty('waiting');
    expect(second.notes.filter((note) => note.startsWith('warn'))).toHaveLength(1);
    second.balancer.update({ name: 'app', members });
    expect(second.members()).toContain('x.invalid 4');
    expect(second.shared.log.list()[0]).not.toHaveProperty('waiting');
  });

  test('that waits is told of in a few words, however many members and changes there are', () => {
    const { net, first } = startNet(1);
    for (let count = 0; count < 1000; count += 1) first.make(deeds.change('a', { loadfactor: 2 }));
    const members = Array.from({ length: 1000 }, (_, i) => `http://other${i}.invalid`);
    const other = startProcess(net, { definition: { members } });
    net.settle();
    other.shared.log.sync();
    const shown = JSON.stringify(other.shared.log.list());
    expect(shown.match(/there is no member of this name/g)).toHaveLength(1000);
    expect(shown.length).toBeLessThan(1_000_000);
    expect(other.notes.join('').length).toBeLessThan(20_000);
  });

  test('on a server goes with it when its add is over, though who has made them is gone', () => {
    const { net, clock, first, second } = startNet(2);
    first.make(deeds.add({ url }), { forMs: minute });
    first.make(deeds.drain(url));
    net.settle();
    first.shared.close();
    clock.advance(minute);
    second.shared.log.sync();
    expect(second.shared.log.list().map(({ state }) => state)).toEqual(['lost', 'expired']);
  });

  test('that would leave another one without its ground is not taken back', () => {
    const { first } = startNet(1);
    const away = first.make(deeds.change('a', { route: 'z' }));
    first.make(deeds.change('b', { route: 'a' }));
    expect(catchError(() => first.undo(away))).toMatchObject({ code: 'ERR_MANAGER_CONFLICT' });
    expect(first.balancer.view().map(({ route }) => route)).toEqual(['z', 'a', 'c']);
  });

  test.each([
    ['no such balancer', { ...deeds.drain('a'), balancer: 'other' }, 'ERR_MANAGER_NOT_FOUND'],
    ['no such member', deeds.drain('nobody'), 'ERR_MANAGER_NOT_FOUND'],
  ])('is refused by the log: %s', (_case, deed, code) => {
    const { first } = startNet(1);
    const error = catchError(() => first.make(deed));
    expect(error).toBeInstanceOf(ManagerError);
    expect(error).toMatchObject({ code });
  });

  test('is one of a thousand at most; those of the program count apart', () => {
    const { first } = startNet(1);
    for (let count = 0; count < 1000; count += 1) first.make(deeds.change('a', { loadfactor: 2 }));
    expect(catchError(() => first.make(deeds.drain('a')))).toMatchObject({ code: 'ERR_MANAGER_CONFLICT' });
    first.program.change('b', '+D');
    expect(first.members()[1]).toBe('b.invalid D 1');
  });
});

describe('a server', () => {
  test('that each worker adds at its start is one member, and is gone when the program removes it', async () => {
    const { net, processes, second } = startNet(4);
    // Nobody has heard of the others yet.
    expect(processes.map(({ program }) => program.add(url))).toEqual([url, url, url, url]);
    net.settle();
    for (const one of processes) expect(one.members()).toHaveLength(4);
    await second.program.remove(url);
    net.settle();
    for (const one of processes) expect(one.members()).toHaveLength(3);
  });

  test('that each start adds or removes before anything is heard is one add, and one remove', async () => {
    const { net, clock, processes, first } = startNet(6);
    for (const { hub } of processes.slice(1)) hub.cut();
    for (const next of processes.slice(1)) {
      clock.advance(1000);
      next.program.add({ url, loadfactor: 2 });
      void next.program.remove('b');
      next.hub.mend();
      net.settle();
      await turn();
      net.settle();
      expect(next.members()).toEqual(['a.invalid 1', 'c.invalid 1', 'x.invalid 2']);
      next.shared.close();
    }
    expect(first.members()).toEqual(['a.invalid 1', 'c.invalid 1', 'x.invalid 2']);
    expect(inForce(first).map(({ deed }) => deed.kind)).toEqual(['remove', 'add']);
    expect(wordsIn(net)).toBe(2);
  });

  test('that is removed, added otherwise and removed again, by processes that have not heard of each other, is away', async () => {
    const { net, clock, first, second } = startNet(2);
    first.hub.cut();
    void second.program.remove('a');
    second.program.add({ url: 'http://a.invalid', loadfactor: 5 });
    clock.advance(1000);
    void first.program.remove('a');
    first.hub.mend();
    net.settle();
    await turn();
    net.settle();
    for (const one of [first, second]) expect(one.members()).toEqual(['b.invalid 1', 'c.invalid 1']);
    expect(inForce(first).map(({ deed }) => deed.kind)).toEqual(['remove', 'add', 'remove']);
  });

  test('that the program has removed is removed again by each worker, by its name or its URL', async () => {
    const { net, first, second, start } = startNet(2);
    await first.program.remove('a');
    net.settle();
    await second.program.remove('a');
    await start().program.remove('http://a.invalid');
    expect(inForce(second)).toHaveLength(1);
    expect(catchError(() => second.program.remove('nobody'))).toBeInstanceOf(DefinitionError);
    // Somebody else is called so now.
    second.program.add({ url, route: 'a' });
    await second.program.remove('a');
    expect(second.members()).toEqual(['b.invalid 1', 'c.invalid 1']);
  });

  test('that two add is as the first one says, and stays while either holds', () => {
    const { net, clock, first, second } = startNet(2);
    const one = first.make(deeds.add({ url, loadfactor: 2 }));
    clock.advance(1000);
    const other = second.make(deeds.add({ url, loadfactor: 5 }));
    net.settle();
    for (const each of [first, second]) expect(each.members()).toContain('x.invalid 2');
    first.undo(one);
    net.settle();
    for (const each of [first, second]) expect(each.members()).toContain('x.invalid 5');
    first.undo(other);
    net.settle();
    for (const each of [first, second]) expect(each.members()).toHaveLength(3);
  });

  test('that another worker has added is added again in the same way, and not in another one', () => {
    const { net, first, second } = startNet(2);
    first.program.add({ url, route: 'x' });
    net.settle();
    expect(second.program.add({ route: 'x', url })).toBe('x');
    expect(inForce(second)).toHaveLength(1);
    expect(catchError(() => second.program.add(url))).toBeInstanceOf(DefinitionError);
  });

  test('that is removed and added again is there, as the later one says', () => {
    const { net, first, second } = startNet(2);
    first.make(deeds.remove('a'));
    net.settle();
    second.make(deeds.add({ url: 'http://a.invalid', loadfactor: 6 }));
    net.settle();
    for (const each of [first, second]) expect(each.members()).toContain('a.invalid 6');
  });

  test('whose remove is heard of before its add is not there', () => {
    const { net, first, second, start } = startNet(2);
    first.make(deeds.add({ url }));
    net.settle();
    second.make(deeds.remove(url));
    net.settle();
    const late = start();
    const known = first.replica.known().toSorted((one, other) => (one.stamp > other.stamp ? -1 : 1));
    for (const entry of known) {
      late.replica.hear([entry]);
      late.shared.log.sync();
    }
    expect(late.members()).toEqual(first.members());
    expect(late.members()).toHaveLength(3);
  });

  test('that two remove stays away until both are undone', () => {
    const { net, first, second } = startNet(2);
    const removes = [first.make(deeds.remove('a')), second.make(deeds.remove('a'))];
    net.settle();
    first.undo(removes[0]!);
    net.settle();
    expect(second.members()).toHaveLength(2);
    second.undo(removes[1]!);
    net.settle();
    expect(first.members()).toHaveLength(3);
  });

  test('is never the last one that goes, whoever removes them at the same time', () => {
    const { net, first, second } = startNet(2);
    first.make(deeds.remove('a'));
    first.make(deeds.remove('b'));
    second.make(deeds.remove('c'));
    net.settle();
    expect(first.members()).toEqual(second.members());
    expect(first.members()).toHaveLength(1);
  });

  test('takes the changes on it along', () => {
    const { net, first, second } = startNet(2);
    const add = first.make(deeds.add({ url }));
    first.make(deeds.drain(url));
    net.settle();
    second.undo(add);
    net.settle();
    expect(first.shared.log.list().map(({ state }) => state)).toEqual(['lost', 'undone']);
  });

  test('of the definition comes back though nobody else might add it', () => {
    const { first } = startNet(1, { definition: { allowMembers: ['*.internal'] } });
    const change = first.make(deeds.remove('a'));
    expect(first.members()).toHaveLength(2);
    first.undo(change);
    expect(first.members()).toHaveLength(3);
  });
});

describe('the program', () => {
  test('fills nothing, however often it sets the same', () => {
    const { net, first, second } = startNet(2);
    for (let count = 0; count < 300; count += 1) {
      first.program.change('a', { loadfactor: 1 + (count % 9) });
      second.program.change('b', { lbset: 1 });
      first.program.change('b', { lbset: 2, loadfactor: 3 });
      net.settle();
    }
    expect(second.members()).toEqual(first.members());
    expect(inForce(second)).toHaveLength(2);
    expect(net.kept().size).toBe(3);
    expect(wordsIn(net)).toBe(2);
  });

  test('has what it sets shown as its own, for good', () => {
    const { first } = startNet(1);
    first.program.change('a', '+D');
    expect(first.shared.log.list()).toMatchObject([
      { by: 'program', deed: { member: 'a', set: { disabled: true } }, until: undefined, reason: undefined },
    ]);
  });

  test.each<
    readonly [
      what: string,
      act: (one: Pick<ChangingProcess['program'], 'change' | 'add' | 'configure'>) => unknown,
    ]
  >([
    [
      'somebody who is no member',
      (one) => {
        one.change('nobody', '+D');
      },
    ],
    [
      'a wrong value',
      (one) => {
        one.change('a', { loadfactor: 900 });
      },
    ],
    [
      'a wrong status',
      (one) => {
        one.change('a', '+Q');
      },
    ],
    [
      'a misspelt option',
      (one) => {
        one.change('a', { loadfaktor: 2 } as never);
      },
    ],
    ['a server that is there', (one) => one.add('http://a.invalid')],
    ['no server', (one) => one.add('a')],
    ['a route that is taken', (one) => one.add({ url, route: 'a' })],
    [
      'a wrong option',
      (one) => {
        one.configure({ maxattempts: -1 });
      },
    ],
  ])('is refused as it would be without others: %s', (_what, work) => {
    const { first } = startNet(1);
    const error = catchError(() => work(first.program)) as Error;
    expect(error).toBeInstanceOf(DefinitionError);
    expect(error.message).toBe((catchError(() => work(insideOf(first.balancer).roster)) as Error).message);
    expect(inForce(first)).toEqual([]);
  });

  test('cannot remove the last member, and is told so', () => {
    const { first } = startNet(1);
    void first.program.remove('a');
    void first.program.remove('b');
    expect(catchError(() => first.program.remove('c'))).toBeInstanceOf(DefinitionError);
    expect(first.members()).toHaveLength(1);
  });

  test('takes its add back when it removes the member, and its remove when it adds it again', async () => {
    const { net, first, second } = startNet(2);
    first.program.add(url);
    net.settle();
    await second.program.remove(url);
    expect(inForce(second)).toEqual([]);
    await second.program.remove('a');
    net.settle();
    expect(first.program.add({ url: 'http://a.invalid', route: 'a' })).toBe('a');
    expect(inForce(first)).toEqual([]);
    net.settle();
    expect(second.members()).toEqual(['a.invalid 1', 'b.invalid 1', 'c.invalid 1']);
  });

  test('does in its own process what cannot be carried, and says so; it goes over what was shared before', () => {
    const { net, first, second } = startNet(2, {
      definition: { members: [{ url, hcmethod: 'GET' }, 'http://y.invalid'] },
    });
    first.program.change(url, { hcexpect: [200] });
    const isFine = (): boolean => true;
    first.program.change(url, { hcexpect: isFine, loadfactor: 3 });
    expect(insideOf(first.balancer).roster.find(url).settings.definition).toMatchObject({ hcexpect: isFine });
    expect(first.notes.filter((note) => note.startsWith('info'))).toEqual([
      expect.stringContaining('hcexpect is done in this process only') as unknown,
    ]);
    net.settle();
    second.shared.log.sync();
    const { definition } = insideOf(second.balancer).roster.find(url).settings;
    expect(definition).toMatchObject({ hcexpect: [200], loadfactor: 3 });
  });

  test('adds a function in its own process, and removes it there', async () => {
    const { net, first, second } = startNet(2);
    const name = first.program.add({ handler: (_req, res) => res.end(), route: 'own' });
    first.program.change(name, '+D');
    net.settle();
    expect(first.members()).toHaveLength(4);
    expect(second.members()).toHaveLength(3);
    expect(net.kept().size).toBe(0);
    await first.program.remove(name);
    expect(first.members()).toHaveLength(3);
  });

  test('adds a function again that it has removed, in every process', async () => {
    const handler = (): void => undefined;
    const { net, first, second } = startNet(2, {
      definition: { members: ['http://a.invalid', { handler, route: 'here' }] },
    });
    const before = first.members();
    await first.program.remove('here');
    net.settle();
    expect(second.members()).toEqual(['a.invalid 1']);
    expect(first.program.add({ handler, route: 'here' })).toBe('here');
    net.settle();
    expect([first.members(), second.members()]).toEqual([before, before]);
  });

  test('adds a server again that it has removed, in its own process where the others cannot be told how', async () => {
    const { net, first, second } = startNet(2, {
      definition: { members: ['a', 'b', 'c'].map((route) => ({ url: `https://${route}.invalid`, route })) },
    });
    await first.program.remove('a');
    const tls = { rejectUnauthorized: false };
    expect(first.program.add({ url: 'https://d.invalid', route: 'd', tls })).toBe('d');
    await first.program.remove('d');
    expect(first.program.add({ url: 'https://a.invalid', route: 'a', tls })).toBe('a');
    net.settle();
    const namesOf = ({ balancer }: ChangingProcess): readonly string[] =>
      balancer
        .view()
        .map(({ name }) => name)
        .sort();
    second.shared.log.sync();
    expect([namesOf(first), namesOf(second)]).toEqual([
      ['a', 'b', 'c'],
      ['b', 'c'],
    ]);
    first.undo(first.make(deeds.change('b', { lbset: 1 })));
    expect(namesOf(first)).toContain('a');
    await first.program.remove('a');
    expect(namesOf(first)).toEqual(['b', 'c']);
  });

  test.each([
    ['undone', ({ undo }: ChangingProcess, change: Change): unknown => undo(change)],
    [
      'set',
      ({ program }: ChangingProcess): void => {
        program.change('a', { retry: 30, loadfactor: 3 });
      },
    ],
  ])('keeps what it has set when what it had set before is %s elsewhere at the same moment', (what, act) => {
    const { net, clock, first, second } = startNet(2);
    first.program.change('a', { retry: 20, loadfactor: 2 });
    net.settle();
    const [change] = inForce(second);
    first.program.change('a', { retry: 40, loadfactor: 4 });
    clock.advance(1);
    act(second, change!);
    net.settle();
    expect(first.members()).toEqual(second.members());
    // What was said last holds; to undo what is over is to say nothing.
    expect(first.members()[0]).toBe(what === 'set' ? 'a.invalid 3' : 'a.invalid 4');
    expect(inForce(first)).toHaveLength(1);
  });

  test('ends a drain everywhere, its deadline too', () => {
    const { net, clock, first, second } = startNet(2);
    first.program.drain('a', minute);
    net.settle();
    expect(second.members()[0]).toBe('a.invalid N 1');
    second.program.change('a', '-N');
    net.settle();
    clock.advance(2 * minute);
    for (const one of [first, second]) expect(one.members()[0]).toBe('a.invalid 1');
  });

  test('drains by a timer of its own, too, and the member is as before when that is undone', () => {
    const { first, clock } = startNet(1);
    first.program.drain('a', minute);
    clock.advance(minute - 1);
    insideOf(first.balancer).roster.change('a', '+D');
    first.shared.log.sync();
    clock.advance(1);
    expect(first.members()[0]).toBe('a.invalid ND 1');
    first.undo(inForce(first)[0]!);
    expect(first.members()[0]).toBe('a.invalid 1');
  });

  test('keeps a member its own that cannot be removed', () => {
    const { first } = startNet(1, { definition: { members: ['http://a.invalid'] } });
    const own = first.program.add({ handler: () => undefined });
    void first.program.remove('http://a.invalid');
    expect(catchError(() => first.program.remove(own))).toBeInstanceOf(DefinitionError);
    first.program.change(own, { loadfactor: 3 });
    expect(inForce(first).map(({ deed }) => deed.kind)).toEqual(['remove']);
    expect(first.balancer.view()).toMatchObject([{ loadfactor: 3 }]);
  });

  test('is heard of what it has said in one process over what was said elsewhere before, whenever that comes', () => {
    const { net, clock, first, second } = startNet(2, {
      definition: { members: [{ url, hcmethod: 'GET' }, 'http://y.invalid'] },
    });
    second.hub.cut();
    second.program.change(url, { hcexpect: [200] });
    clock.advance(1000);
    first.program.change(url, { hcexpect: /fine/ });
    first.shared.log.sync();
    second.hub.mend();
    net.settle();
    first.shared.log.sync();
    expect(insideOf(first.balancer).roster.definitionOf(url)).toHaveProperty('hcexpect', /fine/);
  });

  test('changes its own balancer when that shares nothing any more', () => {
    const { first } = startNet(1);
    first.shared.leave(first.balancer);
    first.program.change('a', '+D');
    expect(first.balancer.view()[0]!.status).toBe('D');
    expect(inForce(first)).toEqual([]);
  });
});

test('another definition is what changes are laid on', () => {
  const { first } = startNet(1);
  const change = first.make(deeds.change('a', { loadfactor: 3 }));
  const added = first.make(deeds.add({ url }));
  const members = [{ url: 'http://a.invalid', route: 'a', loadfactor: 8 }, 'http://b.invalid'];
  first.balancer.update({ name: 'app', members });
  expect(first.members()).toEqual(['a.invalid 3', 'b.invalid 1', 'x.invalid 1']);
  first.undo(change);
  first.undo(added);
  expect(first.members()).toEqual(['a.invalid 8', 'b.invalid 1']);
});

test('what a listener sets when it is told of a change is a change of its own', () => {
  const { net, first, second } = startNet(2);
  first.balancer.on('state', ({ member, to }) => {
    if (member === 'a' && to === 'D') first.program.change('b', { loadfactor: 4 });
  });
  second.make(deeds.change('a', { disabled: true }));
  net.settle();
  first.shared.log.sync();
  net.settle();
  for (const one of [first, second])
    expect(one.members()).toEqual(['a.invalid D 1', 'b.invalid 4', 'c.invalid 1']);
});

test('a balancer that nobody knows here is none', () => {
  expect(() =>
    startProcess(createMemoryNet()).shared.changesOf({} as ReturnType<typeof createBalancer>),
  ).toThrow(TypeError);
});
