import { describe, expect, test } from '@jest/globals';
import { dropTheRest } from '../../../src/httpd-conf/ledger.ts';
import { itemsOf, ledgerOf, parseText } from '../../support/conf.ts';

const text = 'A b\n<Proxy *>\nB  "c"\n</Proxy>\nC';

describe('the ledger', () => {
  test('tells each directive with its place, as it is written', () => {
    const { items, ledger } = parseText(text);
    ledger.take(items[0]!, 'an A');
    expect(ledger.notices()).toEqual([
      { kind: 'taken', directive: 'A b', file: 'httpd.conf', line: 1, why: 'an A' },
    ]);
  });

  test('keeps the gravest of several verdicts, and all reasons once, why it does nothing first', () => {
    const [a] = itemsOf('A');
    const ledger = ledgerOf();
    ledger.take(a!, 'one');
    ledger.drop(a!, 'two');
    ledger.differ(a!, 'three');
    ledger.take(a!, 'one');
    expect(ledger.notices()).toMatchObject([{ kind: 'dropped', why: 'two; three; one' }]);
  });

  test.each([
    ['taken', 'different'],
    ['different', 'dropped'],
    ['taken', 'dropped'],
  ] as const)('%s and %s, in either order, are the latter', (lighter, graver) => {
    const [a] = itemsOf('A');
    const judge = { taken: 'take', different: 'differ', dropped: 'drop' } as const;
    for (const kinds of [
      [lighter, graver],
      [graver, lighter],
    ] as const) {
      const ledger = ledgerOf();
      for (const kind of kinds) ledger[judge[kind]](a!, kind);
      expect(ledger.notices()).toMatchObject([{ kind: graver }]);
    }
  });

  test('tells directives in the order in which they were read, whenever they were judged', () => {
    const { items, ledger } = parseText(text);
    const [a, proxy, c] = items;
    ledger.take(c!, 'last');
    if (proxy?.kind === 'section') ledger.take(proxy.items[0]!, 'third');
    ledger.take(proxy!, 'second');
    ledger.take(a!, 'first');
    expect(ledger.notices().map(({ why }) => why)).toEqual(['first', 'second', 'third', 'last']);
  });

  test('knows what has a verdict; a remark is none, and comes with one', () => {
    const { items, ledger } = parseText('A\nB\nC');
    const [a, b, c] = items;
    ledger.remark(a!, 'by the way');
    ledger.remark(b!, 'by the way');
    ledger.drop(b!, 'gone');
    ledger.remark(c!, 'by the way');
    ledger.take(c!, 'there');
    expect(items.map((item) => ledger.has(item))).toEqual([false, true, true]);
    expect(ledger.notices()).toMatchObject([
      { kind: 'dropped', why: 'gone; by the way' },
      { kind: 'different', why: 'there; by the way' },
    ]);
  });

  test('drops what has no verdict, in sections too', () => {
    const { items, ledger } = parseText(text);
    ledger.take(items[1]!, 'there');
    dropTheRest(items, ledger);
    expect(ledger.notices().map(({ line, kind, why }) => `${line} ${kind}: ${why}`)).toEqual([
      '1 dropped: A is not known here',
      '2 taken: there',
      '3 dropped: B is not known here',
      '5 dropped: C is not known here',
    ]);
  });

  test('tells a problem once, those of a file by their lines', () => {
    const [a, b] = itemsOf('A\n  B "c"');
    const ledger = ledgerOf();
    ledger.fail(b!.args[0]!, 'wrong', 'write d');
    ledger.fail(b!.args[0]!, 'wrong', 'write e');
    ledger.fail(b!.head, 'odd', 'leave it out');
    ledger.fail(a!.head, 'bad', 'leave it out');
    expect(ledger.problems()).toEqual([
      {
        file: 'httpd.conf',
        line: 1,
        column: 1,
        length: 1,
        text: 'A',
        problem: 'bad',
        advice: 'leave it out',
      },
      {
        file: 'httpd.conf',
        line: 2,
        column: 3,
        length: 1,
        text: '  B "c"',
        problem: 'odd',
        advice: 'leave it out',
      },
      {
        file: 'httpd.conf',
        line: 2,
        column: 5,
        length: 3,
        text: '  B "c"',
        problem: 'wrong',
        advice: 'write d',
      },
    ]);
  });

  test('a notice is one line of bounded length that can be printed', () => {
    const { items, ledger } = parseText(`A\t\u001b[31m\u202e ${'x'.repeat(1_000)}`);
    ledger.drop(items[0]!, `it\n${'y'.repeat(5_000)}`);
    const [notice] = ledger.notices();
    expect(notice!.directive).toBe(`A ␛[31m� ${'x'.repeat(490)}…`);
    expect(notice!.directive).toHaveLength(500);
    expect(notice!.why).toMatch(/^it␊y{1996}…$/);
  });
});
