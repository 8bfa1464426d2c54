import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect, jest, test } from '@jest/globals';
import { createEvents, eventNames, isEventName } from '../../src/events.ts';

function open() {
  const errors: unknown[][] = [];
  const logger = {
    info: () => undefined,
    warn: () => undefined,
    error: (...words: unknown[]) => {
      errors.push(words);
    },
  };
  const source = { name: 'app', logger };
  return { events: createEvents(() => source), source, errors };
}

const facts = { added: ['a'], removed: [] };

describe('listeners of an event', () => {
  test('are told in the order in which they came, with the name of the balancer', () => {
    const { events, source } = open();
    const told: unknown[] = [];
    events.on('members', (event) => told.push(['first', event]));
    events.on('members', (event) => told.push(['second', event]));
    events.emit('members', facts);
    source.name = 'renamed';
    events.emit('members', facts);
    expect(told).toEqual([
      ['first', { balancer: 'app', ...facts }],
      ['second', { balancer: 'app', ...facts }],
      ['first', { balancer: 'renamed', ...facts }],
      ['second', { balancer: 'renamed', ...facts }],
    ]);
  });

  test('are told of their own event only, and once though they came twice', () => {
    const { events } = open();
    const [listener, other] = [jest.fn(), jest.fn()];
    events.on('members', listener);
    events.on('members', listener);
    events.on('ejection', other);
    events.emit('members', facts);
    expect([listener.mock.calls.length, other.mock.calls.length]).toEqual([1, 0]);
  });

  test('are told no more after they have left, were it by another that is told before', () => {
    const { events } = open();
    const listener = jest.fn();
    events.on('members', listener);
    events.off('members', listener);
    events.off('ejection', listener);
    events.emit('members', facts);
    expect(listener).not.toHaveBeenCalled();
  });

  test('may come and go while they are told', () => {
    const { events } = open();
    const late = jest.fn();
    const once = jest.fn(() => {
      events.off('members', once);
      events.on('members', late);
    });
    events.on('members', once);
    events.emit('members', facts);
    expect(late).not.toHaveBeenCalled();
    events.emit('members', facts);
    expect([once.mock.calls.length, late.mock.calls.length]).toEqual([1, 1]);
  });

  test('disturb nobody when they throw: it is logged', () => {
    const { events, errors } = open();
    const other = jest.fn();
    const error = new Error('no');
    events.on('members', () => {
      throw error;
    });
    events.on('members', other);
    events.emit('members', facts);
    expect(other).toHaveBeenCalledTimes(1);
    expect(errors).toEqual([["[app] a listener of 'members' has thrown:", error]]);
  });

  test('disturb nobody when they fail later: it is logged too', async () => {
    const { events, errors } = open();
    const error = new Error('later');
    const failing: unknown = () => Promise.reject(error);
    events.on('members', failing as () => void);
    events.emit('members', facts);
    await new Promise((resolve) => setImmediate(resolve));
    expect(errors).toEqual([["[app] a listener of 'members' has thrown:", error]]);
  });
});

describe('an event', () => {
  test('is heard while anybody listens to it', () => {
    const { events } = open();
    const listener = (): void => undefined;
    expect(events.isHeard('members')).toBe(false);
    events.on('members', listener);
    expect([events.isHeard('members'), events.isHeard('state')]).toEqual([true, false]);
    events.off('members', listener);
    expect(events.isHeard('members')).toBe(false);
  });

  test.each(eventNames)('is published on a channel of its own: %s', (name) => {
    const { events } = open();
    const told: unknown[] = [];
    const listener = (message: unknown, channel: unknown): void => {
      told.push([channel, message]);
    };
    const channel = `express-proxy-balancer:${name}`;
    subscribe(channel, listener);
    try {
      expect(events.isHeard(name)).toBe(true);
      events.emit(name, facts);
    } finally {
      unsubscribe(channel, listener);
    }
    expect(events.isHeard(name)).toBe(false);
    events.emit(name, facts);
    expect(told).toEqual([[channel, { balancer: 'app', ...facts }]]);
  });

  test('goes by one of seven names', () => {
    expect(eventNames).toEqual(['state', 'attempt', 'request', 'failover', 'ejection', 'queue', 'members']);
    expect([...eventNames, 'State', 'toString', '', undefined, 1].map(isEventName)).toEqual([
      ...Array<boolean>(7).fill(true),
      ...Array<boolean>(5).fill(false),
    ]);
  });
});
