import { describe, expect, test } from '@jest/globals';
import { createMemoryNet } from '../../support/memory-net.ts';
import { createFakeClock, deeds } from '../changes/support.ts';
import { startProcess } from './changing-process.ts';

const clock = createFakeClock();
const id = `${clock.now().toString(36).padStart(9, '0')}-0000-ffffffff`;
const words = {
  id,
  at: clock.now(),
  by: 'eve',
  deed: deeds.change('a', { loadfactor: 9 }),
  state: 'in-force',
  server: '|http://a.invalid',
};

const untouched = ['a.invalid 1', 'b.invalid 1', 'c.invalid 1'];

/** A process that hears of words that nobody of the library has said. */
function hear(values: readonly unknown[], key = `change/app/${id}`, allowMembers?: readonly string[]) {
  const one = startProcess(createMemoryNet(), { clock, definition: allowMembers ? { allowMembers } : {} });
  for (const [i, value] of values.entries()) {
    const stamp = `${(clock.now() + i).toString(36).padStart(9, '0')}-0000-ffffffff`;
    one.replica.hear([{ key, stamp, until: Number.MAX_SAFE_INTEGER, value: JSON.stringify(value) }]);
  }
  return { ...one, shown: one.members() };
}

test('a word as it should be is heard', () => {
  expect(hear([words]).shown[0]).toBe('a.invalid 9');
});

describe('a word that nobody should have said is ignored, and told of once', () => {
  test.each<readonly [what: string, value: unknown]>([
    ['a text', 'drain'],
    ['a list', []],
    ['nothing in it', {}],
    ['an id that is none', { ...words, id: 'x' }],
    ['the id of another key', { ...words, id: id.replace('-0000-', '-0001-') }],
    ['an id of tomorrow’s tomorrow', { ...words, id: 'zzzzzzzzz-0000-ffffffff' }],
    ['another balancer than its key', { ...words, deed: { ...words.deed, balancer: 'other' } }],
    ['nobody', { ...words, by: '\u200b' }],
    ['a strange state', { ...words, state: 'forever' }],
    ['no ending', { ...words, state: 'undone' }],
    ['an ending at no time', { ...words, state: 'undone', ended: { at: 1e300 } }],
    ['no server', { ...words, server: undefined }],
    ['a server that is none', { ...words, server: 7 }],
    ['a deed that is none', { ...words, deed: { kind: 'explode', balancer: 'app' } }],
    ['letters for flags', { ...words, deed: deeds.change('a', { status: 'D' }) }],
    ['an error that holds for good', { ...words, deed: deeds.change('a', { inError: true }) }],
    ['a misspelt option', { ...words, deed: { ...words.deed, set: { loadfaktor: 1 } } }],
    ['a socket', { ...words, deed: { ...deeds.add({ url: 'unix:/run/x|http://x' }), name: 'x' } }],
    ['no URL', { ...words, deed: { kind: 'add', balancer: 'app', member: { url: 7 }, name: 'x' } }],
    ['keys', { ...words, deed: { ...deeds.add({ url: 'http://x.invalid', tls: { ca: 'x' } }), name: 'x' } }],
    ['a secret', { ...words, deed: deeds.configure({ routeCookie: { name: 'r', secret: 'x'.repeat(20) } }) }],
  ])('%s', (_what, value) => {
    const { shown, notes, shared } = hear([value, value]);
    expect(shown).toEqual(untouched);
    expect(shared.log.list()).toEqual([]);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(/^warn: shared state: the change under 'change\/app\/.+ is ignored: ./);
  });

  test('names that turn what follows are cleaned', () => {
    const { shared } = hear([{ ...words, by: 'eve\u202e' }]);
    expect(shared.log.list()).toMatchObject([{ by: 'eve' }]);
  });
});

describe('what the definition does not let in waits, and does nothing', () => {
  test.each<readonly [what: string, deed: object]>([
    ['a server that is not allowed', { ...deeds.add({ url: 'http://evil.example' }), name: 'x' }],
    [
      'one whose servers DNS would tell',
      { ...deeds.add({ url: 'http://evil.example', resolve: 'A' }), name: 'x' },
    ],
    ['one that DNS would name', { ...deeds.add({ url: 'http://evil.example', resolve: 'SRV' }), name: 'x' }],
    ['one that is said to be another', { ...deeds.add({ url: 'http://evil.example' }), name: 'a' }],
    ['other servers to be allowed', { ...deeds.configure({ allowMembers: ['evil.example'] } as never) }],
    ['other members', { ...deeds.configure({ members: ['http://evil.example'] } as never) }],
    ['a URL for a member', { ...deeds.change('a', { url: 'http://evil.example' } as never) }],
    ['a wrong value', { ...deeds.change('a', { loadfactor: 900 }) }],
    ['the end of somebody unknown', { ...deeds.remove('x'), member: 'x' }],
  ])('%s', (_what, deed) => {
    const server = 'kind' in deed && deed.kind === 'remove' ? '|http://nobody.invalid' : '|http://a.invalid';
    const { shown, notes, shared, balancer } = hear([{ ...words, deed, server }], undefined, ['*.invalid']);
    expect(shown).toEqual(untouched);
    expect(balancer.view().every(({ url }) => url.endsWith('.invalid'))).toBe(true);
    expect(notes).toHaveLength(1);
    // Ignored, or shown as what waits.
    for (const change of shared.log.list()) expect(change.waiting).toMatch(/./);
  });

  test('also when its add has come by another way round: the same is asked of everyone', () => {
    const net = createMemoryNet();
    const open = startProcess(net, { clock });
    const careful = startProcess(net, { clock, definition: { allowMembers: ['*.invalid'] } });
    open.make(deeds.add({ url: 'http://evil.example' }));
    open.make(deeds.change('http://evil.example', { loadfactor: 2 }));
    open.program.add('http://worse.example');
    net.settle();
    expect(open.members()).toHaveLength(5);
    expect(careful.members()).toEqual(untouched);
    expect(careful.shared.log.list().map(({ waiting }) => waiting !== undefined)).toEqual([true, true, true]);
  });
});
