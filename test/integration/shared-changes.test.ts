import { afterEach, describe, expect, test } from '@jest/globals';
import { composeLogs } from '../../src/changes/compose-logs.ts';
import type { Change } from '../../src/changes/change.ts';
import { createBalancer, type Balancer, type BalancerDefinition } from '../../src/index.ts';
import { insideOf } from '../../src/inside.ts';
import { createLister } from '../../src/manager/listed.ts';
import { createSharedState } from '../../src/sharing/create-shared-state.ts';
import type { SharedState } from '../../src/sharing/membership.ts';
import { catchError } from '../support/catch-error.ts';
import { createMemoryNet, type MemoryNet } from '../support/memory-net.ts';
import { createNotes, deeds, startBalancer, store } from '../unit/changes/support.ts';

const open: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

function startState(net: MemoryNet): SharedState {
  const state = createSharedState(net.hub(), { logger: createNotes().logger, busy: false });
  open.push(() => state.close());
  return state;
}

function start(state: SharedState, definition: Partial<BalancerDefinition> = {}): Balancer {
  const members = ['a', 'b', 'c'].map((route) => ({ url: `http://${route}.invalid`, route }));
  const balancer: Balancer = createBalancer({ name: 'app', members, logger: false, ...definition, state });
  open.push(() => balancer.close());
  return balancer;
}

function look(balancer: Balancer): readonly string[] {
  return balancer
    .view()
    .map(({ name, status, loadfactor }) => `${name}${status && ` ${status}`} ${loadfactor}`);
}

/** News are laid when all that have come at once are there. */
const whenLaid = (): Promise<void> => Promise.resolve();

describe('what the program does to a balancer with state', () => {
  test('is done in all processes', async () => {
    const net = createMemoryNet();
    const [one, other] = [start(startState(net)), start(startState(net))];
    one.change('a', { loadfactor: 2 });
    one.add('http://d.invalid');
    await one.remove('b');
    one.configure({ maxattempts: 1 });
    void one.drain('c');
    net.settle();
    await whenLaid();
    expect(look(one)).toEqual(['a 2', 'c N 1', 'http://d.invalid 1']);
    expect(look(other)).toEqual(look(one));
  });

  test('holds in a process that comes later from its first request on', async () => {
    const net = createMemoryNet();
    start(startState(net)).change('a', '+D');
    net.settle();
    expect(look(start(startState(net)))[0]).toBe('a D 1');
    await whenLaid();
  });

  test('is over with its balancer: another definition of it may come', async () => {
    const net = createMemoryNet();
    const state = startState(net);
    const first = start(state);
    await first.close();
    expect(look(start(state))).toEqual(['a 1', 'b 1', 'c 1']);
  });

  test('is laid on another definition', () => {
    const one = start(startState(createMemoryNet()));
    one.change('a', { loadfactor: 2 });
    one.add('http://d.invalid');
    one.update({ name: 'app', members: ['http://a.invalid', 'http://e.invalid'] });
    expect(look(one).toSorted()).toEqual(['http://a.invalid 2', 'http://d.invalid 1', 'http://e.invalid 1']);
  });
});

test('while one definition takes the place of another, each process has what it can have', async () => {
  const net = createMemoryNet();
  const listMembers = (...routes: string[]) => ({
    members: routes.map((route) => ({ url: `http://${route}.invalid`, route })),
  });
  const before = listMembers('a', 'b', 'c');
  const after = listMembers('a', 'b', 'd');
  const old = start(startState(net), before);
  const fresh = start(startState(net), after);
  const settle = async (): Promise<void> => {
    net.settle();
    await whenLaid();
  };
  await old.remove('c');
  fresh.change('d', '+D');
  fresh.add({ url: 'http://e.invalid', route: 'e' });
  await settle();
  expect([look(old), look(fresh)]).toEqual([
    ['a 1', 'b 1', 'e 1'],
    ['a 1', 'b 1', 'd D 1', 'e 1'],
  ]);

  await old.close();
  const restarted = start(startState(net), before);
  expect(look(restarted)).toEqual(['a 1', 'b 1', 'e 1']);
  const { log } = insideOf(restarted).membership()!;
  expect(log.list().flatMap(({ deed, waiting }) => (waiting ? [deed.kind] : []))).toEqual(['change']);
  restarted.update({ name: 'app', logger: false, ...after });
  await settle();
  expect(look(restarted).toSorted()).toEqual(look(fresh).toSorted());
  expect(log.list().flatMap(({ deed, waiting }) => (waiting ? [deed.kind] : []))).toEqual(['remove']);
  // Whom the new definition has not does not come back.
  log.undo(log.list().find(({ deed }) => deed.kind === 'remove')!.id, 'ann');
  await settle();
  // An update that is refused takes nothing along.
  catchError(() => restarted.update({ name: 'app', members: [] }));
  expect(look(restarted).toSorted()).toEqual(look(fresh).toSorted());
});

describe('what is made elsewhere', () => {
  test('is laid on a balancer until it is closed', async () => {
    const net = createMemoryNet();
    const [one, other] = [start(startState(net)), start(startState(net))];
    const { log } = insideOf(one).membership()!;
    other.change('a', '+D');
    net.settle();
    await whenLaid();
    expect(log.list()[0]).not.toHaveProperty('waiting');
    await one.close();
    expect(log.list()[0]).toMatchObject({ waiting: 'no balancer of this process is called so' });
  });

  test('cannot be answered any more when the state is closed', async () => {
    const state = startState(createMemoryNet());
    const { log } = insideOf(start(state)).membership()!;
    await state.close();
    const error = catchError(() =>
      log.make({ deed: deeds.drain('a'), reason: undefined, forMs: undefined }, 'ann'),
    );
    expect(error).toMatchObject({ code: 'ERR_MANAGER_CLOSED' });
  });
});

describe('a manager', () => {
  function manage(balancers: readonly Balancer[], options: Partial<Parameters<typeof composeLogs>[0]> = {}) {
    const { notes, logger } = createNotes();
    const stored: Change[] = [];
    const log = composeLogs({
      balancers: createLister(() => balancers),
      mayAppear: false,
      allowMembers: undefined,
      onChange: (change) => stored.push(change),
      initialChanges: undefined,
      logger,
      ...options,
    });
    open.push(() => {
      log.close();
      return Promise.resolve();
    });
    const make = (deed: Parameters<typeof log.make>[0]['deed']): Change =>
      log.make({ deed, reason: undefined, forMs: undefined }, 'ann');
    return { log, notes, stored, make };
  }

  test('shows and steers balancers with state and without, each by its own log', async () => {
    const net = createMemoryNet();
    const [plain, shared, elsewhere] = [startBalancer(), start(startState(net)), start(startState(net))];
    const { log, make, stored } = manage([plain, shared]);
    let told = 0;
    log.onChange(() => (told += 1));

    const one = make(deeds.drain('a'));
    const other = make({ ...deeds.drain('b'), balancer: 'app~2' });
    elsewhere.change('c', '+D');
    net.settle();
    await whenLaid();

    expect([plain, shared, elsewhere].map(look)).toEqual([
      ['a N 1', 'b 1', 'c 1'],
      ['a 1', 'b N 1', 'c D 1'],
      ['a 1', 'b N 1', 'c D 1'],
    ]);
    const list = log.list();
    expect(list.map(({ deed: { balancer }, by }) => [balancer, by])).toEqual(
      expect.arrayContaining([
        ['app~2', 'program'],
        ['app~2', 'ann'],
        ['app', 'ann'],
      ]),
    );
    expect(list.map(({ id }) => id)).toEqual(
      list
        .map(({ id }) => id)
        .toSorted()
        .reverse(),
    );
    expect(log.list()).toBe(list);
    expect(told).toBe(3);
    // State keeps the others.
    expect(stored.map(({ id }) => id)).toEqual([one.id]);

    expect(log.undo(other.id, 'bob')).toMatchObject({ state: 'undone', deed: { balancer: 'app~2' } });
    log.undo(one.id, 'bob');
    net.settle();
    await whenLaid();
    expect([plain, shared, elsewhere].map((each) => look(each)[1])).toEqual(['b 1', 'b 1', 'b 1']);
    expect(catchError(() => log.undo('none', 'bob'))).toMatchObject({ code: 'ERR_MANAGER_NOT_FOUND' });
  });

  test('adds only whom it may, also where others share the balancer', () => {
    const { make } = manage([start(startState(createMemoryNet()))], { allowMembers: ['*.invalid'] });
    const error = catchError(() => make(deeds.add({ url: 'http://evil.example' })));
    expect(error).toMatchObject({ code: 'ERR_MANAGER_FORBIDDEN' });
    expect(make(deeds.add({ url: 'http://d.invalid' }))).toMatchObject({ state: 'in-force' });
  });

  test('brings back only whom it may', () => {
    const balancer = start(startState(createMemoryNet()));
    const [own, other] = [manage([balancer], { allowMembers: ['b.invalid'] }), manage([balancer])];
    const [a, b] = [other.make(deeds.remove('a')), other.make(deeds.remove('b'))];
    expect(catchError(() => own.log.undo(a.id, 'bob'))).toMatchObject({ code: 'ERR_MANAGER_FORBIDDEN' });
    expect(look(balancer)).toEqual(['c 1']);
    own.log.undo(b.id, 'bob');
    expect(look(balancer).toSorted()).toEqual(['b 1', 'c 1']);
    other.log.undo(a.id, 'bob');
    expect(look(balancer).toSorted()).toEqual(['a 1', 'b 1', 'c 1']);
  });

  test('leaves out what was stored for a balancer that keeps its changes itself, and says so', () => {
    const balancer = start(startState(createMemoryNet()));
    const change = { id: '0001', at: Date.now(), by: 'ann', deed: deeds.drain('a'), state: 'in-force' };
    const { notes } = manage([balancer], { initialChanges: store([change]) });
    expect(look(balancer)[0]).toBe('a 1');
    expect(notes).toEqual([expect.stringMatching(/its balancer shares its state/) as unknown]);
  });
});
