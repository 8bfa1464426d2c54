import { describe, expect, test } from '@jest/globals';
import { confirm, settle, type Fields, type Voice } from '../../../src/changes/layers.ts';

/** Fields under changes: what each says, who sets them besides, and what they come to. */
function startStage(values: Record<string, unknown>) {
  let fields: Fields = new Map();
  let voices: readonly Voice[] = [];
  const held = { ...values };
  const look = (): void => {
    const read = (name: string): unknown => held[name] ?? null;
    const settled = settle(fields, voices, read);
    Object.assign(held, settled.writes);
    fields = confirm(settled.fields, read);
  };
  return {
    say(id: string, said: Record<string, unknown>) {
      const known = voices.some((voice) => voice.id === id);
      voices = known
        ? voices.map((voice) => (voice.id === id ? { id, values: said } : voice))
        : [...voices, { id, values: said }];
      look();
    },
    end(id: string) {
      voices = voices.filter((voice) => voice.id !== id);
      look();
    },
    /** Somebody else does. */
    set(name: string, value: unknown) {
      held[name] = value;
    },
    held,
    fields: () => [...fields.keys()],
  };
}

type Act =
  | readonly ['say', string, Record<string, unknown>]
  | readonly ['end', string]
  | readonly ['set', string, unknown];

const stories: readonly (readonly [story: string, acts: readonly Act[], x: unknown])[] = [
  ['what is said holds', [['say', 'a', { x: 2 }]], 2],
  [
    'what was there is back at the end',
    [
      ['say', 'a', { x: 2 }],
      ['end', 'a'],
    ],
    1,
  ],
  [
    'the topmost holds',
    [
      ['say', 'a', { x: 2 }],
      ['say', 'b', { x: 3 }],
    ],
    3,
  ],
  [
    'the one below holds when the topmost ends',
    [
      ['say', 'a', { x: 2 }],
      ['say', 'b', { x: 3 }],
      ['end', 'b'],
    ],
    2,
  ],
  [
    'the topmost holds when the one below ends',
    [
      ['say', 'a', { x: 2 }],
      ['say', 'b', { x: 3 }],
      ['end', 'a'],
    ],
    3,
  ],
  [
    'what was there is back when both have ended, the lower one first',
    [
      ['say', 'a', { x: 2 }],
      ['say', 'b', { x: 3 }],
      ['end', 'a'],
      ['end', 'b'],
    ],
    1,
  ],
  [
    'what was there is back when both have ended, the upper one first',
    [
      ['say', 'a', { x: 2 }],
      ['say', 'b', { x: 3 }],
      ['end', 'b'],
      ['end', 'a'],
    ],
    1,
  ],
  [
    'of three the one in the middle ends without a trace',
    [
      ['say', 'a', { x: 2 }],
      ['say', 'b', { x: 3 }],
      ['say', 'c', { x: 4 }],
      ['end', 'b'],
      ['end', 'c'],
    ],
    2,
  ],
  [
    'the same, said twice, holds until both have ended',
    [
      ['say', 'a', { x: 2 }],
      ['say', 'b', { x: 2 }],
      ['end', 'a'],
    ],
    2,
  ],
  [
    'another field is another matter',
    [
      ['say', 'a', { x: 2 }],
      ['say', 'b', { y: 3 }],
      ['end', 'a'],
    ],
    1,
  ],
  ['null takes away', [['say', 'a', { x: null }]], null],
  [
    'what null has taken away is back at the end',
    [
      ['say', 'a', { x: null }],
      ['end', 'a'],
    ],
    1,
  ],
  [
    'what somebody else has set stays at the end',
    [
      ['say', 'a', { x: 2 }],
      ['set', 'x', 7],
      ['end', 'a'],
    ],
    7,
  ],
  [
    'what somebody else has set is what a later change goes back to',
    [
      ['say', 'a', { x: 2 }],
      ['set', 'x', 7],
      ['say', 'b', { x: 3 }],
      ['end', 'b'],
    ],
    7,
  ],
  [
    'one that somebody else has gone over says nothing any more',
    [
      ['say', 'a', { x: 2 }],
      ['set', 'x', 7],
      ['say', 'b', { x: 3 }],
      ['end', 'b'],
      ['end', 'a'],
    ],
    7,
  ],
  [
    'somebody else goes over all that there are',
    [
      ['say', 'a', { x: 2 }],
      ['say', 'b', { x: 3 }],
      ['set', 'x', 7],
      ['end', 'b'],
      ['end', 'a'],
    ],
    7,
  ],
  [
    'somebody else sets it a second time',
    [
      ['say', 'a', { x: 2 }],
      ['set', 'x', 7],
      ['say', 'b', { y: 1 }],
      ['set', 'x', 8],
      ['say', 'c', { x: 3 }],
      ['end', 'c'],
      ['end', 'a'],
    ],
    8,
  ],
  [
    'one that says more with time',
    [
      ['say', 'a', { y: 1 }],
      ['say', 'a', { y: 1, x: 2 }],
    ],
    2,
  ],
  [
    'one that says more with time does so in its place',
    [
      ['say', 'a', { y: 1 }],
      ['say', 'b', { x: 3 }],
      ['say', 'a', { y: 1, x: 2 }],
    ],
    3,
  ],
  [
    'one that said more with time, when the one above ends',
    [
      ['say', 'a', { y: 1 }],
      ['say', 'b', { x: 3 }],
      ['say', 'a', { y: 1, x: 2 }],
      ['end', 'b'],
    ],
    2,
  ],
  [
    'one that said more with time, at its end',
    [
      ['say', 'a', { y: 1 }],
      ['say', 'a', { y: 1, x: 2 }],
      ['end', 'a'],
    ],
    1,
  ],
];

describe('the value that holds', () => {
  test.each(stories)('%s', (_story, acts, x) => {
    const stage = startStage({ x: 1 });
    for (const [what, name, value] of acts) {
      if (what === 'say') stage.say(name, value);
      else if (what === 'end') stage.end(name);
      else stage.set(name, value);
    }
    expect(stage.held['x'] ?? null).toEqual(x);
  });

  test('lists and records are compared by what is in them', () => {
    const stage = startStage({ x: [500] });
    stage.say('a', { x: [502, 503] });
    stage.set('x', [502, 503]);
    stage.end('a');
    expect(stage.held['x']).toEqual([500]);
  });
});

describe('what is remembered', () => {
  test('is nothing when all have ended', () => {
    const stage = startStage({ x: 1 });
    stage.say('a', { x: 2, y: 3 });
    stage.say('b', { x: 4 });
    stage.set('y', 9);
    stage.end('a');
    expect(stage.fields()).toEqual(['x']);
    stage.end('b');
    expect(stage.fields()).toEqual([]);
  });

  test('what is under another one is not written', () => {
    const read = (): unknown => 3;
    const top = { id: 'b', values: { x: 3 } };
    const before = confirm(settle(new Map(), [top], read).fields, read);
    expect(settle(before, [{ id: 'a', values: { x: 2 } }, top], read).writes).toEqual({});
  });

  test('what holds already is not written', () => {
    expect(settle(new Map(), [{ id: 'a', values: { x: 3 } }], () => 3).writes).toEqual({});
  });
});
