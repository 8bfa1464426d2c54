import { describe, expect, test } from '@jest/globals';
import type { Change } from '../../../src/changes/change.ts';
import { createHandOn } from '../../../src/changes/hand-on.ts';
import { until } from '../../support/idle.ts';
import { createNotes, deeds, minute, startLog } from './support.ts';

const change = (id: string): Change => ({
  id,
  at: 0,
  by: 'ann',
  deed: deeds.drain('a'),
  reason: undefined,
  until: undefined,
  state: 'in-force',
  ended: undefined,
});

describe('changes are handed on', () => {
  test('one after the other, when the app is done with the one before', async () => {
    const steps: string[] = [];
    const gates: (() => void)[] = [];
    const { logger } = createNotes();
    const inForce: Change[] = [];
    const handOn = createHandOn(
      async ({ id }, all) => {
        steps.push(`${id} begins, ${all.length} in force`);
        await new Promise<void>((resolve) => gates.push(resolve));
        steps.push(`${id} ends`);
      },
      () => inForce,
      logger,
    );
    for (const id of ['1', '2']) {
      inForce.push(change(id));
      handOn(change(id));
    }
    expect(steps).toEqual(['1 begins, 1 in force']);
    gates[0]!();
    await until(() => steps.length === 3);
    // As things are when it is its turn, so that nothing older is stored last.
    expect(steps).toEqual(['1 begins, 1 in force', '1 ends', '2 begins, 2 in force']);
    gates[1]!();
    await until(() => steps.length === 4);
  });

  test('though the app throws or rejects', async () => {
    const { notes, logger } = createNotes();
    const seen: string[] = [];
    const handOn = createHandOn(
      ({ id }) => {
        seen.push(id);
        if (id === '1') throw new Error('disk full');
        return id === '2' ? Promise.reject(new Error('no network')) : undefined;
      },
      () => [],
      logger,
    );
    for (const id of ['1', '2', '3']) handOn(change(id));
    await until(() => seen.length === 3);
    expect(notes).toHaveLength(2);
    expect(notes[0]).toMatch(/^error: .*the change holds.*disk full/);
    expect(notes[1]).toMatch(/no network/);
  });

  test('a thousand wait at most; the oldest is dropped, and told of', () => {
    const { notes, logger } = createNotes();
    const handOn = createHandOn(
      () => new Promise(() => undefined),
      () => [],
      logger,
    );
    for (let i = 0; i <= 1000; i += 1) handOn(change(String(i)));
    expect(notes).toEqual([]);
    handOn(change('1001'));
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain('change 1 was not handed on');
  });

  test('in their order, when the app makes a change of its own', () => {
    const told: string[] = [];
    const stage = startLog({
      onChange: ({ deed, state }) => {
        told.push(`${deed.kind} ${state}`);
        if (deed.kind === 'remove') stage.make(deeds.drain('b'));
      },
    });
    stage.make(deeds.remove('a'));
    expect(told).toEqual(['remove in-force', 'drain in-force']);
    expect(stage.member('b')!.status).toBe('N');
  });

  test('behind those that had ended before, when the app makes one of its own', () => {
    const told: string[] = [];
    const stage = startLog({
      onChange: ({ deed, state }) => {
        told.push(`${deed.kind} ${state}`);
        if (told.length === 3) stage.make(deeds.remove('c'));
      },
    });
    stage.make(deeds.drain('a'), { forMs: minute });
    stage.make(deeds.change('b', { lbset: 1 }), { forMs: minute });
    stage.clock.advance(minute);
    expect(told.slice(2)).toEqual(['drain expired', 'change expired', 'remove in-force']);
  });

  test('to an app that throws, and the change holds', () => {
    const { make, member, notes } = startLog({
      onChange: () => {
        throw new Error('disk full');
      },
    });
    make(deeds.drain('a'));
    expect(member('a')!.status).toBe('N');
    expect(notes[0]).toContain('disk full');
  });
});
