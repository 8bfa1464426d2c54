import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { HttpdConfError } from '../../../src/httpd-conf/conf-error.ts';
import { readHttpdConf } from '../../../src/httpd-conf/read-httpd-conf.ts';
import { catchError } from '../../support/catch-error.ts';
import { createRandom, type Random } from '../../support/seeded-random.ts';

const proxying = 'ProxyPass /app http://app.example\n';

describe('readHttpdConf', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'conf-'));
    writeFileSync(join(folder, 'httpd.conf'), 'Include more.conf\n');
    writeFileSync(join(folder, 'more.conf'), proxying);
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  test('reads a text', () => {
    const conf = readHttpdConf(proxying);
    expect(conf.mounts).toMatchObject([{ kind: 'balancer', at: '/app' }]);
    expect(conf.notices).toMatchObject([
      { kind: 'taken', directive: 'ProxyPass /app http://app.example', file: 'httpd.conf', line: 1 },
    ]);
  });

  test('reads a file, by its path or URL, with what it includes', () => {
    const file = join(folder, 'httpd.conf');
    for (const source of [file, pathToFileURL(file)]) {
      const conf = readHttpdConf({ file: source });
      expect(conf.mounts).toMatchObject([{ kind: 'balancer', at: '/app' }]);
      expect(conf.notices).toMatchObject([
        { kind: 'taken', file, line: 1 },
        { kind: 'taken', file: join(folder, 'more.conf'), line: 1 },
      ]);
    }
  });

  test('a text sees files only below the option serverRoot', () => {
    expect(catchError(() => readHttpdConf(`Include ${folder}/more.conf`))).toBeInstanceOf(HttpdConfError);
    expect(readHttpdConf('Include more.conf', { serverRoot: folder }).mounts).toHaveLength(1);
  });

  test('drops what nobody has judged: every directive has its notice', () => {
    const { notices } = readHttpdConf('NoSuchDirective a\n<NoSuchSection b>\nNeither c\n</NoSuchSection>\n');
    expect(notices.map(({ kind, line }) => `${line} ${kind}`)).toEqual([
      '1 dropped',
      '2 dropped',
      '3 dropped',
    ]);
  });

  test('throws all that is wrong at once, wherever it is found', () => {
    const error = catchError(() => readHttpdConf('ProxyVia Perhaps\n<Location /x>\n=\n'));
    expect(error).toBeInstanceOf(HttpdConfError);
    expect((error as HttpdConfError).problems.map(({ line, column }) => `${line}:${column}`)).toEqual([
      '1:10',
      '2:1',
      '3:1',
    ]);
    expect((error as HttpdConfError).message).toContain('\nhttpd.conf:3:1: no directive is called so;');
  });

  test('tells which file there is not', () => {
    const error = catchError(() => readHttpdConf({ file: join(folder, 'none.conf') }));
    expect(error).toBeInstanceOf(HttpdConfError);
    expect((error as Error).message).toBe(
      `The configuration is wrong:\n${folder}/none.conf:1:1: there is no file ${folder}/none.conf; write the path of a file`,
    );
    expect(catchError(() => readHttpdConf({ file: folder }))).toBeInstanceOf(HttpdConfError);
    expect(catchError(() => readHttpdConf({ file: '/dev/zero' }))).toBeInstanceOf(HttpdConfError);
  });

  test.each([
    [{ defines: 'SSL' }, "defines is 'SSL': it must be a list; write ['SSL']"],
    [{ defines: [1] }, "defines[0] is 1: it must be a name; write 'NAME'"],
    [{ defines: { A: 1 } }, 'defines.A is 1: it must be a text; write ['],
    [{ env: 'A' }, "env is 'A': it must be a table of texts; write { NAME: 'value' }"],
    [{ modules: 'ssl' }, "modules is 'ssl': it must be a list; write ['ssl']"],
    [{ serverRoot: '' }, "serverRoot is '': it must be a folder, and is empty"],
    [{ compat: 'Httpd' }, "compat is 'Httpd': there is no such value; write 'httpd'"],
    [{ module: ['ssl'] }, "module is ['ssl']: there is no such option; write modules"],
    [null, 'options is null: it must be a record of options'],
    ['httpd', "options is 'httpd': it must be a record of options"],
  ])('refuses the options %j', (options, message) => {
    const error = catchError(() => readHttpdConf('', options as never)) as Error;
    expect(error.name).toBe('DefinitionError');
    expect(error.message).toContain('What readHttpdConf is asked for is wrong:');
    expect(error.message).toContain(message);
  });

  test('takes names that are defined without a value', () => {
    const text = '<IfDefine X>\nListen ${X}\n</IfDefine>';
    const { listen } = readHttpdConf(text, { defines: { X: undefined }, env: { X: '8080' } });
    expect(listen.map(({ port }) => port)).toEqual([8080]);
  });

  test('takes options that are left undefined', () => {
    const options = {
      defines: undefined,
      env: undefined,
      modules: undefined,
      serverRoot: undefined,
      compat: undefined,
    };
    expect(readHttpdConf('', options as never)).toEqual({
      mounts: [],
      hosts: [],
      access: [],
      listen: [],
      notices: [],
    });
  });

  test.each([[undefined], [1], [{}], [{ file: '' }], [{ file: 'a\0b' }], [{ file: new URL('http://a/') }]])(
    'refuses the source %p',
    (source) => {
      const error = catchError(() => readHttpdConf(source as never)) as Error;
      expect(error.name).toBe('DefinitionError');
      expect(error.message).toContain('it must be the text of a configuration, or its file');
    },
  );
});

describe('junk of words that are known', () => {
  const names =
    'ProxyPass ProxyPassMatch BalancerMember ProxySet ProxyPassReverse ProxyPassReverseCookiePath ProxyVia ProxyTimeout ProxyHCExpr ProxyHCTemplate SetHandler Header RewriteRule RewriteCond Require Order Allow ServerName Listen Foo'.split(
      ' ',
    );
  const words =
    '/ /app/ ! balancer://c balancer://d/x http://a http://[::1]:81/ ajp://x stickysession=ID|id route=a loadfactor=2 lbmethod=byrequests nofailover=On timeout=5 status=+H hcmethod=GET hcexpr=e routeregex=!(.*)$ ^(/.*)$ balancer://c$1 nocanon on Off from granted ip 10.0.0.0/8 deny,allow [P,L] [CO=A:b:c] [F] [NC,OR] %{HTTP_HOST} !^/x =x - ( [ \\ (?<a>b) {%{REQUEST_STATUS} e add Set-Cookie balancer-manager 8080 443 * %zz é = key= =v 99999999999999999999 -1 "a b" " \''.split(
      ' ',
    );
  const sections =
    '<VirtualHost *:80>,<Proxy balancer://c>,<Proxy *>,<Location /app>,<LocationMatch ^/(.*)$>,<Directory />,<RequireAll>,<If "true">,<Limit GET>'.split(
      ',',
    );

  function writeJunk(random: Random): string {
    const open: string[] = [];
    const lines = Array.from({ length: 1 + random.below(8) }, () => {
      if (open.length > 0 && random.happens(30)) return `</${open.pop()!}>`;
      const args = Array.from({ length: random.below(5) }, () => random.oneOf(words));
      if (random.happens(75)) return [random.oneOf(names), ...args].join(' ');
      const section = random.oneOf(sections);
      open.push(/\w+/.exec(section)![0]);
      return section;
    });
    return [...lines, ...open.toReversed().map((name) => `</${name}>`)].join('\n');
  }

  test('is read with a notice for every line, or refused with an HttpdConfError', () => {
    const ends = { read: 0, refused: 0 };
    for (let seed = 1; seed <= 600; seed += 1) {
      const text = writeJunk(createRandom(seed));
      let conf: ReturnType<typeof readHttpdConf> | undefined;
      try {
        conf = readHttpdConf(text);
      } catch (error) {
        if (!(error instanceof HttpdConfError)) throw new Error(`seed ${seed}:\n${text}`, { cause: error });
      }
      ends[conf ? 'read' : 'refused'] += 1;
      if (!conf) continue;
      const told = new Set(conf.notices.map(({ line }) => line));
      const silent = text.split('\n').filter((line, i) => !line.startsWith('</') && !told.has(i + 1));
      expect(silent).toEqual([]);
    }
    expect(ends.read).toBeGreaterThan(50);
    expect(ends.refused).toBeGreaterThan(50);
  });
});
