import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { HttpdConfOptions } from '../../../../src/httpd-conf/httpd-conf.ts';
import { createLedger } from '../../../../src/httpd-conf/ledger.ts';
import { confFiles } from '../../../../src/httpd-conf/syntax/conf-files.ts';
import { parseConf } from '../../../../src/httpd-conf/syntax/parse-conf.ts';
import { wordsOf, type Words } from '../../../support/conf.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'conf-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Writes files, by their path below the folder. */
function write(files: Readonly<Record<string, string | Buffer>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

type Read = Readonly<{ words: readonly Words[]; notices: readonly string[]; problems: readonly string[] }>;

/** What a file in the folder, or a text, says. */
function read(text: string, options: HttpdConfOptions = {}, isText = false): Read {
  const ledger = createLedger();
  const file = isText ? 'httpd.conf' : join(folder, 'httpd.conf');
  if (!isText) writeFileSync(file, text);
  const items = parseConf({ text, file, folder: isText ? undefined : folder }, confFiles, ledger, options);
  const short = (told: string): string => told.replaceAll(folder, '~');
  return {
    words: wordsOf(items),
    notices: ledger.notices().map(({ file, line, kind, why }) => short(`${file}:${line} ${kind}: ${why}`)),
    problems: ledger
      .problems()
      .map(({ file, line, column, problem, advice }) =>
        short(`${file}:${line}:${column} ${problem}; ${advice}`),
      ),
  };
}

/** Whose `A` was read. */
function readNames(text: string, options?: HttpdConfOptions): unknown {
  const { words, problems } = read(text, options);
  return problems.length > 0 ? problems : words.map(([, name]) => name);
}

describe('Include', () => {
  beforeEach(() => {
    write({
      'inc/d1/a.conf': 'A d1a',
      'inc/d1/.dot.conf': 'A dot',
      'inc/d2/b.conf': 'A d2b',
      'inc/d2/sub/z.txt': 'A d2z',
      'inc/.hidden/a.conf': 'A hidden',
      'inc/B.conf': 'A upper',
      'inc/a.conf': 'A lower',
      'empty/deeper/x': '',
    });
  });

  // The order is that of httpd.
  test.each([
    ['inc/d1/a.conf', ['d1a']],
    ['inc', ['hidden', 'upper', 'lower', 'dot', 'd1a', 'd2b', 'd2z']],
    ['inc/', ['hidden', 'upper', 'lower', 'dot', 'd1a', 'd2b', 'd2z']],
    ['inc/*.conf', ['upper', 'lower']],
    ['inc/d?/*.conf', ['d1a', 'd2b']],
    ['inc/d[12]/[ab].conf', ['d1a', 'd2b']],
    ['inc/d*', ['dot', 'd1a', 'd2b', 'd2z']],
    ['inc/d2/*/*', ['d2z']],
    ['inc/d1/../d2/b.conf', ['d2b']],
    ['inc/d1/.*', ['dot']],
    ['empty', []],
    ['/dev/null', []],
  ])('%s', (path, names) => {
    expect(readNames(`Include ${path}`)).toEqual(names);
    expect(readNames(`IncludeOptional "${path}"`)).toEqual(names);
  });

  test('what is included takes its place, in sections too', () => {
    expect(read('<Proxy *>\nB\nInclude inc/a.conf\nC\n</Proxy>').words).toEqual([
      ['Proxy', '*', [['B'], ['A', 'lower'], ['C']]],
    ]);
  });

  test('notices stand in the order in which lines were read, each with its file', () => {
    write({ 'more.conf': 'Define X 1\nDefine Y 2' });
    expect(read('Define V more\nInclude ${V}.conf\nDefine Z ${X}').notices).toEqual([
      '~/httpd.conf:1 taken: ${V} stands for more',
      '~/httpd.conf:2 taken: included: ~/more.conf',
      '~/more.conf:1 taken: ${X} stands for 1',
      '~/more.conf:2 taken: ${Y} stands for 2',
      '~/httpd.conf:3 taken: ${Z} stands for 1',
    ]);
  });

  test.each([
    [
      'Include inc/none.conf',
      'there is no ~/inc/none.conf; write the path of a file or folder, or IncludeOptional',
    ],
    ['Include inc/none*', 'nothing in ~/inc fits none*; write IncludeOptional if that may be'],
    ['Include none*/*', 'nothing in ~ fits none*; write IncludeOptional if that may be'],
    // In each of the folders.
    ['Include inc/*/*/*', 'nothing in ~/inc/d1 fits *; write IncludeOptional if that may be'],
    [
      'Include inc/d*/a.conf',
      'there is no ~/inc/d2/a.conf; write the path of a file or folder, or IncludeOptional',
    ],
    ['Include /dev/zero', '/dev/zero is not a regular file; name a file or a folder of files'],
    ['IncludeOptional /dev/zero', '/dev/zero is not a regular file; name a file or a folder of files'],
    ['Include inc d2', 'Include takes one path; write Include "conf.d/*.conf"'],
    ['Include ""', 'Include takes one path; write Include "conf.d/*.conf"'],
    [`Include ${'x/'.repeat(3_000)}`, 'that is no path of a file; write one shorter than 4000 characters'],
    [`Include ${'x'.repeat(300)}`, undefined],
  ])('%s is wrong', (text, problem) => {
    const { problems } = read(text);
    const column = text.indexOf(' ') + 2;
    if (problem === undefined) expect(problems).toHaveLength(1);
    else expect(problems).toEqual([`~/httpd.conf:1:${column} ${problem}`]);
  });

  test('IncludeOptional tells that there is nothing', () => {
    const { problems, notices } = read(
      'IncludeOptional none\nIncludeOptional no/thing\nIncludeOptional n*/*.conf',
    );
    expect(problems).toEqual([]);
    expect(notices).toEqual(
      [1, 2, 3].map(
        (line) => `~/httpd.conf:${line} different: there is nothing to include (paths begin at ~)`,
      ),
    );
  });

  test('many files are told in a few words', () => {
    write(Object.fromEntries(Array.from({ length: 7 }, (_, i) => [`many/${i}`, ''])));
    expect(read('Include many').notices).toEqual([
      '~/httpd.conf:1 taken: included 7 files: ~/many/0, ~/many/1, ~/many/2, ~/many/3, ~/many/4, …',
    ]);
  });

  test('wildcards in the name of the own folder are letters', () => {
    const own = folder;
    folder = join(own, '[app]*');
    write({ 'x/a.conf': 'A here' });
    expect(readNames('Include x/*.conf\nInclude ../[[]app]*/x/a.conf')).toEqual(['here', 'here']);
    expect(readNames('Include x')).toEqual(['here']);
    folder = own;
  });

  test('a loop of Includes is told where it closes', () => {
    write({ 'a.conf': 'Include b.conf', 'b.conf': '\nInclude link.conf' });
    symlinkSync(join(folder, 'a.conf'), join(folder, 'link.conf'));
    expect(read('Include a.conf').problems).toEqual([
      '~/b.conf:2:9 ~/link.conf is included by itself; leave this Include out, or name other files',
    ]);
    expect(read('Include httpd.conf').problems).toEqual([
      '~/httpd.conf:1:9 ~/httpd.conf is included by itself; leave this Include out, or name other files',
    ]);
  });

  test('a file may be included twice', () => {
    write({ 'a.conf': 'A 1' });
    expect(readNames('Include a.conf\nInclude a.conf')).toEqual(['1', '1']);
  });

  test('links that lead back up come to an end', () => {
    symlinkSync(folder, join(folder, 'inc/up'));
    const { problems } = read('Include inc');
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/lies 20 folders deep; look for a link that leads back up$/);
  });

  test('files that include each other twice come to an end', () => {
    const files: [string, string][] = Array.from({ length: 30 }, (_, i) => [
      `f${i + 1}`,
      `Include f${i}\nInclude f${i}`,
    ]);
    write({ f0: '', ...Object.fromEntries<string>(files) });
    expect(read('Include f30').problems).toMatchObject([
      expect.stringContaining('more than 1000 files are included; include fewer'),
    ]);
  });

  test('files do not include others without end', () => {
    const files: [string, string][] = Array.from({ length: 130 }, (_, i) => [`f${i + 1}`, `Include f${i}`]);
    write({ f0: '', ...Object.fromEntries<string>(files) });
    expect(read('Include f120').problems).toEqual([]);
    expect(read('Include f130').problems).toEqual(['~/f4:1:9 it lies 128 files deep; include fewer']);
  });

  // Linux has a regular file that cannot be read.
  (process.platform === 'linux' ? test : test.skip)('a file that cannot be read is told', () => {
    expect(read('Include /proc/self/mem').problems).toEqual([
      '~/httpd.conf:1:9 /proc/self/mem cannot be read (EIO); write the path of a file',
    ]);
  });

  test('a FIFO is not waited for', () => {
    execFileSync('mkfifo', [join(folder, 'fifo')]);
    expect(read('Include fifo').problems).toEqual([
      '~/httpd.conf:1:9 ~/fifo is not a regular file; name a file or a folder of files',
    ]);
  });

  test('a link to nothing is told', () => {
    symlinkSync('nowhere', join(folder, 'inc/z.conf'));
    expect(read('Include inc/*.conf').problems).toEqual([
      '~/httpd.conf:1:9 there is no ~/inc/z.conf; write the path of a file or folder, or IncludeOptional',
    ]);
  });

  test('a section ends in the file that it begins in', () => {
    write({ 'open.conf': '<Proxy *>\n', 'close.conf': 'A 1\n</Proxy>' });
    expect(read('Include open.conf\n</Proxy>').problems).toEqual([
      '~/open.conf:1:1 <Proxy> is not closed; write </Proxy> where it ends',
      '~/httpd.conf:2:1 no <Proxy> is open here; leave it out',
    ]);
    expect(read('<Proxy *>\nInclude close.conf\n</Proxy>').problems).toEqual([
      '~/close.conf:2:1 no <Proxy> is open here; leave it out',
    ]);
  });

  test('files in other encodings are read or told', () => {
    write({
      'latin.conf': Buffer.from('A caf\xe9', 'latin1'),
      'utf16.conf': Buffer.from('\ufeffA b', 'utf16le'),
      'bom.conf': '\ufeffA b',
      'binary.conf': Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 1]),
    });
    expect(readNames('Include latin.conf\nInclude bom.conf')).toEqual(['café', 'b']);
    expect(read('Include utf16.conf\nInclude binary.conf').problems).toEqual([
      '~/httpd.conf:1:9 ~/utf16.conf is UTF-16; save it as UTF-8',
      '~/binary.conf:1:5 a NUL character: this is no text; save the file as UTF-8 text',
    ]);
  });

  test('a file that is too long is not read', () => {
    write({ 'long.conf': Buffer.alloc(4 * 1024 * 1024 + 1, 'A\n') });
    expect(read('Include long.conf').problems).toEqual([
      '~/httpd.conf:1:9 ~/long.conf is longer than 4194304 bytes; is this the right file? Include smaller ones',
    ]);
  });

  // Nothing is forbidden to root.
  (process.getuid?.() === 0 ? test.skip : test)('a file that may not be read is told', () => {
    chmodSync(join(folder, 'inc/a.conf'), 0);
    expect(read('Include inc/a.conf').problems).toEqual([
      '~/httpd.conf:1:9 ~/inc/a.conf may not be read; let the user of this process read it',
    ]);
  });
});

describe('where paths begin', () => {
  beforeEach(() => {
    write({ 'a.conf': 'A own', 'root/a.conf': 'A root', 'other/a.conf': 'A other' });
  });

  test('at the folder of the file', () => {
    expect(readNames('Include a.conf')).toEqual(['own']);
  });

  test('at ServerRoot, from there on, where there is such a folder', () => {
    const root = join(folder, 'root');
    expect(readNames(`Include a.conf\nServerRoot "${root}"\nInclude a.conf`)).toEqual(['own', 'root']);
    const { words, notices } = read('ServerRoot /no/such/folder\nInclude a.conf');
    expect(words).toEqual([['A', 'own']]);
    expect(notices[0]).toBe('~/httpd.conf:1 different: there is no such folder: paths in Include begin at ~');
  });

  test('at what the option says, before all', () => {
    const options = { serverRoot: join(folder, 'other') };
    const { words, notices } = read(`ServerRoot ${join(folder, 'root')}\nInclude a.conf`, options);
    expect(words).toEqual([['A', 'other']]);
    expect(notices[0]).toBe(
      '~/httpd.conf:1 different: the option serverRoot says otherwise: paths begin at ~/other',
    );
    expect(read(`ServerRoot ${options.serverRoot}`, options).notices).toEqual([
      '~/httpd.conf:1 taken: paths in Include begin at ~/other',
    ]);
  });

  test.each([
    ['root', true],
    ['root/a.conf', true],
    ['"root/a.conf"', true],
    ['none', false],
    ['!none', true],
    ['!root', false],
  ])('IfFile %s', (path, holds) => {
    expect(read(`<IfFile ${path}>\nA\n</IfFile>`).words).toEqual(holds ? [['A']] : []);
  });
});

describe('a text that came from anywhere', () => {
  beforeEach(() => {
    write({ 'root/a.conf': 'A root', 'secret.conf': 'A secret' });
  });

  test('includes no files, unless it is given a folder', () => {
    expect(read(`Include ${folder}/secret.conf`, {}, true).problems).toEqual([
      'httpd.conf:1:9 a text without a file includes no files; give the option serverRoot, or read the configuration by its file: readHttpdConf({ file })',
    ]);
    expect(read(`ServerRoot ${folder}\nIncludeOptional secret.conf`, {}, true).problems).toHaveLength(1);
    const options = { serverRoot: join(folder, 'root') };
    expect(read('Include a.conf\nInclude *.conf', options, true).words).toEqual([
      ['A', 'root'],
      ['A', 'root'],
    ]);
  });

  test.each(['../secret.conf', '../*.conf', '~/secret.conf', 'link.conf', 'l*'])(
    'sees nothing outside of it: %s',
    (path) => {
      symlinkSync(join(folder, 'secret.conf'), join(folder, 'root/link.conf'));
      const options = { serverRoot: join(folder, 'root') };
      const { words, problems } = read(`Include ${path.replace('~', folder)}`, options, true);
      expect(words).toEqual([]);
      expect(problems).toEqual([
        'httpd.conf:1:9 it lies outside of ~/root; read the configuration by its file, or change the option serverRoot',
      ]);
    },
  );
});
