import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { createBalancer, type Balancer, type BalancerDefinition } from '../../../src/index.ts';
import { insideOf } from '../../../src/inside.ts';
import type { Hub, HubListener } from '../../../src/sharing/hub.ts';
import { createSharedState } from '../../../src/sharing/create-shared-state.ts';
import type { SharedState } from '../../../src/sharing/membership.ts';
import { createMemoryNet } from '../../support/memory-net.ts';
import { stopProcessTime } from '../../support/time.ts';
import { catchError } from '../../support/catch-error.ts';

const running: Balancer[] = [];
const states: SharedState[] = [];

afterEach(async () => {
  jest.useRealTimers();
  await Promise.all(running.splice(0).map((balancer) => balancer.close()));
  await Promise.all(states.splice(0).map((state) => state.close()));
});

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

function share(hub: Hub, busy = false): SharedState {
  const state = createSharedState(hub, { logger: silent, busy });
  states.push(state);
  return state;
}

function balance(state: SharedState, name: string, options: Partial<BalancerDefinition> = {}): Balancer {
  const balancer: Balancer = createBalancer({
    name,
    state,
    logger: false,
    members: [
      { url: 'http://a.test/', route: 'a' },
      { url: 'http://b.test/', route: 'b' },
    ],
    ...options,
  });
  running.push(balancer);
  return balancer;
}

function fail(balancer: Balancer, name: string): void {
  const { roster, now } = insideOf(balancer);
  now().parts.members.apply(roster.find(name), 'failed');
}

/** With a fourth member, so that two of them may be left alone on the word of others. */
const four: Partial<BalancerDefinition> = {
  members: ['a', 'b', 'c', 'd'].map((route) => ({ url: `http://${route}.test/`, route })),
};

/** A request of the first member begins. */
function charge(balancer: Balancer): void {
  const { members } = insideOf(balancer).now().parts;
  const [member] = members.view();
  const chosen = { kind: 'member', member: member!, reason: 'method', candidates: members.view() } as const;
  members.elect({ ...chosen, probe: false, forced: false });
}

function letters(balancer: Balancer): readonly string[] {
  return balancer.view().map(({ status }) => status);
}

describe('balancers of one name', () => {
  test('share in all processes; those of another name do not', async () => {
    const net = createMemoryNet();
    const [one, other] = [share(net.hub()), share(net.hub())];
    const app = balance(one, 'app');
    const same = balance(other, 'app');
    const another = balance(other, 'app/a');
    fail(app, 'a');
    app.change('b', '+N');
    net.settle();
    // Changes are laid on a balancer when all that came at once have come.
    await Promise.resolve();
    expect(letters(same)).toEqual(['E', 'N']);
    expect(letters(another)).toEqual(['', '']);
  });

  test('are refused in one process, with what to write', () => {
    const net = createMemoryNet();
    const state = share(net.hub());
    balance(state, 'app');
    const error = catchError(() => balance(state, 'app'));
    expect(error).toMatchObject({ code: 'ERR_BALANCER_DEFINITION', problems: [{ path: 'name' }] });
    expect(String(error)).toMatch(/another balancer of this process.*write another name/);
  });

  test('do no harm when they are refused: the first one goes on sharing', () => {
    const net = createMemoryNet();
    const state = share(net.hub());
    const first = balance(state, 'app');
    const other = balance(share(net.hub()), 'app');
    catchError(() => balance(state, 'app'));
    fail(first, 'a');
    net.settle();
    expect(letters(other)).toEqual(['E', '']);
  });

  test('may follow one another', async () => {
    const net = createMemoryNet();
    const hub = net.hub();
    const state = share(hub);
    const first = balance(state, 'app', four);
    await first.close();
    const second = balance(state, 'app', four);
    const other = balance(share(net.hub()), 'app', four);
    fail(second, 'a');
    net.settle();
    expect(letters(other)).toEqual(['E', '', '', '']);
    // A balancer that is closed once more takes nothing from the one that follows it.
    await first.close();
    expect(hub.has('checks/app')).toBe(true);
    fail(second, 'b');
    net.settle();
    expect(letters(other)).toEqual(['E', 'E', '', '']);
    await second.close();
    expect(hub.has('checks/app')).toBe(false);
  });

  test('keep what they know when another definition holds', () => {
    const net = createMemoryNet();
    const app = balance(share(net.hub()), 'app', four);
    const other = balance(share(net.hub()), 'app', four);
    app.update({
      name: 'app',
      members: ['a', 'e', 'f', 'g'].map((route) => ({ url: `http://${route}.test/`, route })),
    });
    fail(app, 'e');
    fail(other, 'a');
    net.settle();
    expect(letters(app)).toEqual(['E', 'E', '', '']);
    expect(letters(other)).toEqual(['E', '', '', '']);
  });

  test('keep their name and their state', () => {
    const net = createMemoryNet();
    const app = balance(share(net.hub()), 'app');
    const members = ['http://a.test/'];
    expect(catchError(() => app.update({ name: 'other', members }))).toMatchObject({
      problems: [{ path: 'name', advice: "write 'app', or create another balancer" }],
    });
    expect(catchError(() => app.update({ members }))).toMatchObject({ problems: [{ path: 'name' }] });
    expect(catchError(() => app.update({ name: 'app', state: share(net.hub()), members }))).toMatchObject({
      problems: [{ path: 'state' }],
    });
    expect(app.view()).toHaveLength(2);
  });

  test('may say the same name and the same state again, or leave out both', () => {
    const net = createMemoryNet();
    const state = share(net.hub());
    const app = balance(state, 'app');
    const members = ['http://c.test/'];
    app.update({ name: 'app', state, members });
    app.update({ name: 'app', members });
    const unnamed = createBalancer({ state, logger: false, members });
    running.push(unnamed);
    unnamed.update({ members: ['http://d.test/', 'http://e.test/'] });
    unnamed.update({ name: 'balancer', members: ['http://d.test/'] });
    expect([app.view().length, unnamed.view().length]).toEqual([1, 1]);
  });

  test.each([null, undefined, 'app', []])(
    'are told what is wrong with a definition that is none: %j',
    (value) => {
      const app = balance(share(createMemoryNet().hub()), 'app');
      expect(catchError(() => app.update(value as never))).toMatchObject({ code: 'ERR_BALANCER_DEFINITION' });
    },
  );
});

describe('a state', () => {
  test('serves any number of balancers, and says how this process stands', () => {
    const net = createMemoryNet();
    const hub = net.hub();
    const state = share(hub);
    const [app] = [balance(state, 'app'), balance(state, 'static')];
    expect(state.status()).toEqual({ kind: 'shared', since: 0, processes: 1 });
    expect(insideOf(app).membership()?.report()).toEqual({ process: hub.process, status: state.status() });
  });

  test('tells what was said before a balancer came', () => {
    const net = createMemoryNet();
    fail(balance(share(net.hub()), 'app'), 'a');
    net.settle();
    expect(letters(balance(share(net.hub()), 'app'))).toEqual(['E', '']);
  });

  test('makes up for what was lost in a cut, both ways', () => {
    const net = createMemoryNet();
    const hub = net.hub();
    const app = balance(share(hub), 'app', four);
    const other = balance(share(net.hub()), 'app', four);
    hub.cut();
    fail(app, 'a');
    fail(other, 'b');
    net.settle();
    expect([letters(app), letters(other)]).toEqual([
      ['E', '', '', ''],
      ['', 'E', '', ''],
    ]);
    hub.mend();
    net.settle();
    expect([letters(app), letters(other)]).toEqual([
      ['E', 'E', '', ''],
      ['E', 'E', '', ''],
    ]);
  });

  test('puts back what the store has lost', () => {
    const net = createMemoryNet();
    const hub = net.hub();
    fail(balance(share(hub), 'app'), 'a');
    net.settle();
    net.flush();
    hub.cut();
    hub.mend();
    net.settle();
    expect(letters(balance(share(net.hub()), 'app'))).toEqual(['E', '']);
  });

  test('hands the counts of all its balancers to the hub', () => {
    const net = createMemoryNet();
    const hub = net.hub();
    let listener: HubListener | undefined;
    const start = jest.fn((given: HubListener) => {
      listener = given;
      hub.start(given);
    });
    const state = share({ ...hub, start });
    balance(state, 'app');
    balance(state, 'b/c');
    const fields = [...listener!.totals()].map(([field]) => field);
    expect(start).toHaveBeenCalledTimes(1);
    expect(fields.filter((field) => field.startsWith('app'))).not.toEqual([]);
    expect(fields.filter((field) => field.startsWith('b%2Fc'))).not.toEqual([]);
  });

  test('hands what is told to the balancer that it is about, and nothing to anybody else', () => {
    const net = createMemoryNet();
    const hub = net.hub();
    let listener: HubListener | undefined;
    const state = share({ ...hub, start: (given) => (listener = given) }, true);
    const warn = jest.fn();
    balance(state, 'app', { logger: { ...silent, warn } });
    for (const topic of ['busy/app', 'checks/app', 'busy/other', 'x/app', 'app', '', '/', 'busy/app/x'])
      expect(() => {
        listener!.told(topic, '\u0000 no message', 'host:1:ffffffff');
      }).not.toThrow();
    expect(warn.mock.calls).toEqual([
      [expect.stringContaining('[app] what another process tells of health checks')],
    ]);
  });

  test('shares requests under way only where that is wanted', () => {
    const time = stopProcessTime();
    const net = createMemoryNet();
    const told: string[] = [];
    const build = (busy: boolean): Balancer => {
      const hub = net.hub();
      const tell = (topic: string): number => told.push(topic);
      return balance(share({ ...hub, tell }, busy), 'app');
    };
    charge(build(false));
    time.pass(1000);
    expect(told).not.toContain('busy/app');
    charge(build(true));
    time.pass(1000);
    expect(told).toContain('busy/app');
  });

  test('lets nobody count for longer than a process lives', async () => {
    const time = stopProcessTime();
    const net = createMemoryNet();
    const hub = net.hub();
    const app = balance(share(hub, true), 'app');
    const other = balance(share(net.hub(), true), 'app');
    const { members } = insideOf(other).now().parts;
    const { totals } = insideOf(other).membership()!;
    charge(app);
    time.pass(1000);
    net.settle();
    const refreshed = totals.refresh();
    time.pass(0);
    await refreshed;
    expect(members.view()[0]!.busyElsewhere).toBe(1);
    expect(totals.others().map(({ process }) => process)).toEqual([hub.process]);
    hub.kill();
    expect(members.view()[0]!.busyElsewhere).toBe(0);
    expect(totals.others()).toEqual([]);
  });

  test('lets a balancer that is closed go: its leases are free, and nothing is done to it any more', async () => {
    const net = createMemoryNet();
    const [hub, otherHub] = [net.hub(), net.hub()];
    const app = balance(share(hub), 'app');
    const other = balance(share(otherHub), 'app');
    expect([hub.has('checks/app'), otherHub.has('checks/app')]).toEqual([true, false]);
    await app.close();
    other.change('a', '+D');
    net.settle();
    await Promise.resolve();
    expect(letters(app)).toEqual(['', '']);
    expect([hub.has('checks/app'), otherHub.has('checks/app')]).toEqual([false, true]);
  });

  test('leaves once, with the balancers that have not', async () => {
    const net = createMemoryNet();
    const hub = net.hub();
    const close = jest.fn(hub.close);
    const state = share({ ...hub, close });
    const app = balance(state, 'app');
    const otherHub = net.hub();
    const other = balance(share(otherHub), 'app');
    await Promise.all([state.close(), state.close()]);
    expect(close).toHaveBeenCalledTimes(1);
    expect(state.status().kind).toBe('closed');
    expect(otherHub.has('checks/app')).toBe(true);
    fail(app, 'a');
    fail(other, 'b');
    net.settle();
    expect([letters(app), letters(other)]).toEqual([
      ['E', ''],
      ['', 'E'],
    ]);
  });

  test('that is closed twice has left when either is told so', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const close = (): Promise<undefined> => promise;
    const state = share({ ...createMemoryNet().hub(), close });
    const told: string[] = [];
    const closing = [state.close(), state.close()].map(async (each) => {
      await each;
      told.push('closed');
    });
    await new Promise(setImmediate);
    expect(told).toEqual([]);
    resolve(undefined);
    await Promise.all(closing);
    expect(told).toHaveLength(2);
  });

  test('that is closed before it has heard of anybody lets nobody wait for it', async () => {
    const hub: Hub = { ...createMemoryNet().hub(), start: () => undefined, close: () => Promise.resolve() };
    const state = share(hub);
    const ready = state.ready();
    await state.close();
    await expect(Promise.all([ready, state.ready()])).resolves.toHaveLength(2);
  });

  test('tells what its balancers have counted before what their members have', () => {
    let listener: HubListener | undefined;
    const hub = createMemoryNet().hub();
    const start = (given: HubListener): void => {
      listener = given;
      hub.start(given);
    };
    const state = share({ ...hub, start });
    for (const name of ['one', 'two']) charge(balance(state, name));
    const isOfMember = Array.from(listener!.totals(), ([field]) => field.includes('/'));
    expect(isOfMember).toContain(true);
    expect(isOfMember.slice(0, 2)).toEqual([false, false]);
    expect(isOfMember.lastIndexOf(false)).toBe(1);
  });

  test('that is closed takes no balancer any more', async () => {
    const state = share(createMemoryNet().hub());
    await state.close();
    expect(catchError(() => balance(state, 'app'))).toMatchObject({
      problems: [{ path: 'state', problem: 'it is closed' }],
    });
  });
});

describe('a state is ready', () => {
  test('when what holds elsewhere holds here', async () => {
    const net = createMemoryNet();
    const first = share(net.hub());
    balance(first, 'app').change('a', '+D');
    net.settle();

    const hub = net.hub();
    let begin = (): void => undefined;
    const state = share({
      ...hub,
      start(listener) {
        begin = () => {
          hub.start(listener);
        };
      },
    });
    const balancer = balance(state, 'app');
    let isReady = false;
    const ready = state.ready().then(() => {
      isReady = true;
    });
    await new Promise(setImmediate);
    expect(isReady).toBe(false);
    begin();
    await ready;
    expect(letters(balancer)).toEqual(['D', '']);
  });

  test('when nobody can be asked', async () => {
    const net = createMemoryNet();
    const hub = net.hub();
    const state = share(hub);
    hub.cut();
    await expect(state.ready()).resolves.toBeUndefined();
  });
});
