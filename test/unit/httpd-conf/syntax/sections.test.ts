import { describe, expect, test } from '@jest/globals';
import { itemsOf, noticesOf, parseText, problemsOf, wordsOf } from '../../../support/conf.ts';

describe('sections', () => {
  test('have in them what stands between their tags, whatever the case of these', () => {
    const text = '<VirtualHost *:80>\nA\n<proxy balancer://c>\nB b\n</PROXY>\n</virtualhost>\nC';
    const [host] = itemsOf(text);
    expect(host).toMatchObject({ kind: 'section', name: 'VirtualHost', key: 'virtualhost' });
    expect(wordsOf(itemsOf(text))).toEqual([
      ['VirtualHost', '*:80', [['A'], ['proxy', 'balancer://c', [['B', 'b']]]]],
      ['C'],
    ]);
  });

  test('may be closed with a remark behind it', () => {
    expect(wordsOf(itemsOf('<Proxy *>\n</Proxy> # done'))).toEqual([['Proxy', '*', []]]);
  });

  test.each([
    ['<Location /x>', ['1:1 <Location> is not closed; write </Location> where it ends']],
    [
      'A\n<Location /x>\n<Proxy *>\n</Proxy>',
      ['2:1 <Location> is not closed; write </Location> where it ends'],
    ],
    ['</Location>', ['1:1 no <Location> is open here; leave it out']],
    ['A\n  </>', ['2:3 no <> is open here; leave it out']],
    [
      '<Location /x>\n</Proxy>\n</Location>',
      ['2:1 no <Proxy> is open here; write </Location> for the one of line 1'],
    ],
    [
      '<Location /x>\n<Proxy *>\n</Location>\nA',
      ['2:1 <Proxy> is not closed; write </Proxy> before the </Location> of line 3'],
    ],
    ['<Location /x\n</Location>', ['1:1 <Location lacks its >; write the > at the end of the line']],
    ['<Location /x>\n</Location', ['2:1 </Location lacks its >; write </Location>']],
    ['<Location /x>\n</Location >', ['2:1 </Location lacks its >; write </Location>']],
    ['<Location/x>\n</Location>', ['1:1 <Location/x> is no section; write a blank behind <Location']],
    ['< Location /x>\n</Location>', ['1:1 a < without a name; write <Location without a blank between']],
    ['<', ['1:1 a < without a name; write <Location without a blank between']],
  ])('%j is told', (text, problems) => {
    const told = problemsOf(text);
    expect(told.slice(0, problems.length)).toEqual(problems);
  });

  test('all that is wrong is told at once, in the order of the lines', () => {
    expect(
      problemsOf('<Location /x>\n</Proxy>\n=\n<Proxy *>\n<IfVersion 2.x>\n</IfVersion>\n</Proxy>'),
    ).toEqual([
      '1:1 <Location> is not closed; write </Location> where it ends',
      '2:1 no <Proxy> is open here; write </Location> for the one of line 1',
      '3:1 no directive is called so; begin the line with a name, or with # if it is a comment',
      '5:12 2.x is no version; write major, minor and patch as numbers: 2.4 or 2.4.10',
    ]);
  });

  test('what stands behind the > is told, unless it is a comment', () => {
    const { items, ledger } = parseText('<Proxy *> A b\n</Proxy>\n<Proxy *> # b\n</Proxy>');
    for (const item of items) ledger.take(item, 'is there');
    expect(ledger.notices().map(({ kind, why }) => `${kind}: ${why}`)).toEqual([
      'different: is there; what stands behind its > is not read, as in httpd',
      'taken: is there',
    ]);
  });

  test('cannot be closed by a file that did not open them, nor lie too deep', () => {
    const deep = '<Proxy *>\n'.repeat(51);
    expect(problemsOf(deep)).toEqual(['51:1 <Proxy> lies 50 sections deep; close the sections around it']);
    expect(problemsOf(`${'<Proxy *>\n'.repeat(50)}${'</Proxy>\n'.repeat(50)}`)).toEqual([]);
  });

  test('a section that is left out is told once, with what went with it', () => {
    const text = '<IfModule mod_foo.c>\nA\n<Location /x>\n# B\nB\n</Location>\n</IfModule>\nC';
    expect(wordsOf(itemsOf(text))).toEqual([['C']]);
    expect(noticesOf(text)).toEqual([
      '1 taken: left out with its 3 directives: no LoadModule names mod_foo.c, its work is not done here, and the option modules does not name it',
    ]);
  });

  test('a condition that holds may stay open to the end of its file, as in httpd', () => {
    const text = 'A\n<IfModule mod_proxy.c>\nB\n';
    expect(wordsOf(itemsOf(text))).toEqual([['A'], ['B']]);
    expect(noticesOf(text)).toEqual([
      '2 different: mod_proxy.c counts as there; no </IfModule> closes it, which httpd lets pass only as long as it holds',
    ]);
    expect(problemsOf('<IfModule mod_foo.c>\nB\n')).toEqual([
      '1:1 <IfModule> is not closed; write </IfModule> where it ends',
    ]);
  });

  test('what is left out must be closed properly even so', () => {
    expect(problemsOf('<IfDefine X>\n<Location /x>\n</IfDefine>')).toEqual([
      '2:1 <Location> is not closed; write </Location> before the </IfDefine> of line 3',
    ]);
    expect(problemsOf('<IfDefine X>\n</IfModule>\n</IfDefine>')).toEqual([
      '2:1 no <IfModule> is open here; write </IfDefine> for the one of line 1',
    ]);
  });
});
