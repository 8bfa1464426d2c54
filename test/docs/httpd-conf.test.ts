import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import express from 'express';
import type { Io } from '../../src/cli/io.ts';
import { run } from '../../src/cli/run.ts';
import { optionNames } from '../../src/definition/option-names.ts';
import { attachUpgrades } from '../../src/index.ts';
import * as library from '../../src/httpd-conf/index.ts';
import type { HttpdConfOptions, HttpdHandlerOptions } from '../../src/httpd-conf/index.ts';
import { startBackend, stopBackends } from '../support/backend.ts';
import { catchError } from '../support/catch-error.ts';
import { openGuide } from '../support/guide.ts';
import { readCode } from '../support/pages.ts';
import { requestTarget } from '../support/request-target.ts';

const guide = openGuide('docs/httpd-conf.md');
const { findSnippets, readSection, readTable } = guide;

afterAll(guide.expectAllRun);

/** Every option there is, so that a new one is missed on the page. */
const readingOptions: Readonly<Record<keyof HttpdConfOptions, true>> = {
  defines: true,
  env: true,
  modules: true,
  serverRoot: true,
  compat: true,
};
const handlerOptions: Readonly<Record<keyof HttpdHandlerOptions, true>> = {
  manager: true,
  define: true,
  logger: true,
};

const namesIn = (heading: string): readonly string[] =>
  readTable(heading)
    .slice(1)
    .map(([name]) => readCode(name!)[0]!);

/** What is said of a directive that stands alone: what became of it, or what is wrong. */
function tellOf(name: string): string {
  try {
    return library
      .readHttpdConf(`${name}\n`)
      .notices.map(({ why }) => why)
      .join();
  } catch (error) {
    return String(error);
  }
}

describe('the tables', () => {
  test('have every option of reading, and of mounting', () => {
    expect(namesIn('In an app').toSorted()).toEqual(Object.keys(readingOptions).toSorted());
    expect(namesIn('Mounting').toSorted()).toEqual(Object.keys(handlerOptions).toSorted());
  });

  test('name directives that are understood', () => {
    const unknown = expect.stringMatching(/there is no directive|not known here/);
    expect(['ProxyPas', tellOf('ProxyPas')]).toEqual(['ProxyPas', unknown]);
    const names = readTable('What is understood')
      .slice(1)
      .flatMap(([cell]) => readCode(cell!))
      .map((code) => /^<?[A-Z]\w+/.exec(code)?.[0])
      .filter((name) => name !== undefined);
    expect(names.length).toBeGreaterThan(25);
    for (const name of names) {
      const text = name.startsWith('<') ? `${name} x>\n</${name.slice(1)}>` : name;
      expect([name, tellOf(text)]).not.toEqual([name, unknown]);
    }
  });

  test('have every code with its status', () => {
    const rows = readTable('Mounting', 1).slice(1);
    const told = Object.fromEntries(rows.map(([code, status]) => [readCode(code!)[0]!, status!]));
    const forbidden = new library.HttpdRefusal('ERR_HTTPD_CONF_FORBIDDEN', undefined);
    const gone = new library.HttpdRefusal('ERR_HTTPD_CONF_GONE', undefined);
    expect(told).toEqual({
      ERR_HTTPD_CONF: '–',
      [forbidden.code]: String(forbidden.status),
      [gone.code]: String(gone.status),
    });
    expect(new library.HttpdConfError([]).code).toBe('ERR_HTTPD_CONF');
  });
});

test('an error looks as it is shown', () => {
  const shown = readSection('In an app')
    .match(/(?:^ {4}.*\n)+/m)![0]
    .replace(/^ {4}/gm, '')
    .trimEnd();
  const text = [
    '<Proxy balancer://app>',
    '    BalancerMember http://app1.site.com/',
    shown.split('\n')[1]!.slice(2),
    '</Proxy>',
  ].join('\n');
  const error = catchError(() => library.readHttpdConf(text)) as library.HttpdConfError;
  expect(error.problems.map(library.printConfProblem)).toEqual([shown]);
});

describe('beside mod_proxy_balancer', () => {
  const rows = readTable('Beside mod_proxy_balancer');

  test('each row has as many cells as its head', () => {
    expect(rows.length).toBeGreaterThan(30);
    expect(rows.filter((row) => row.length !== 3)).toEqual([]);
  });

  test('what is the same is an option, by its name', () => {
    const same = rows.filter(([, here]) => here === 'same').flatMap(([httpd]) => readCode(httpd!));
    const options: readonly string[] = [...optionNames.balancer, ...optionNames.member];
    // `lbmethod=byrequests`, and values of it that stand alone.
    const names = same.map((code) => code.split('=', 1)[0]!).filter((name) => name !== 'bybusyness');
    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((name) => !options.includes(name))).toEqual([]);
  });
});

describe('to the letter', () => {
  const rows = readTable('To the letter').slice(1);
  const cellsOf = (word: string): readonly string[] => rows.find(([what]) => what!.includes(word))!;

  /** What a member is asked for, and what comes back of the redirect and the cookie that it answers with. */
  async function ask(
    lines: readonly string[],
    target: string,
    answer: Record<string, string>,
    compat?: 'httpd',
  ) {
    const backend = await startBackend('b', (_req, res) => {
      for (const [name, value] of Object.entries(answer)) res.setHeader(name, value);
      res.end();
    });
    const text = lines.join('\n').replaceAll('http://b', backend.url);
    const handler = library.createHttpdHandler(library.readHttpdConf(text, compat && { compat }));
    const server = createServer(handler);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { headers } = await requestTarget((server.address() as AddressInfo).port, target);
    server.close();
    await handler.close();
    const asked = backend.received.map(({ url }) => url);
    await stopBackends();
    return { asked, location: headers.location, cookie: headers['set-cookie']?.[0] };
  }

  const compats = [
    [1, undefined],
    [2, 'httpd'],
  ] as const;

  test.each(compats)('the paths of column %i are what members are asked for', async (column, compat) => {
    const cells = cellsOf('ProxyPass /p/');
    const [rule] = readCode(cells[0]!);
    const lines = [rule!, 'BalancerMember balancer://c http://b/t/'];
    const asked = readCode(cells[column]!).find((code) => code.startsWith('/t'));
    expect((await ask(lines, '/p/x', {}, compat)).asked).toEqual([asked]);
  });

  test.each(compats)('the redirects of column %i are what clients get', async (_column, compat) => {
    const lines = ['ProxyPass /m http://b', 'ProxyPassReverse /m /app'];
    const { location } = await ask(lines, '/m', { Location: '/application' }, compat);
    const told = readCode(cellsOf('← /app')[2]!);
    expect(told).toEqual(['/application', '/mlication']);
    expect(location).toBe(compat ? `http://front.example${told[1]!}` : '/m/application');
  });

  test.each(compats)('the cookie paths of column %i are what clients get', async (column, compat) => {
    const lines = ['ProxyPass /m/ http://b/', 'ProxyPassReverseCookiePath / /m/'];
    const cells = cellsOf('CookiePath');
    const [given] = readCode(cells[1]!);
    const { cookie } = await ask(lines, '/m/', { 'Set-Cookie': `a=1; ${given!}` }, compat);
    expect(cookie).toBe(`a=1; Path=${readCode(cells[column]!).at(-1)!}`);
  });
});

describe('the app and the command', () => {
  let folder = '';
  let home = '';
  const handlers: library.HttpdHandler[] = [];
  const servers: Server[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'conf-'));
    home = process.cwd();
    process.chdir(folder);
    const app1 = await startBackend('app1');
    const app2 = await startBackend('app2');
    await writeFile(
      'httpd.conf',
      [
        '<Proxy balancer://app>',
        `  BalancerMember ${app1.url} route=app1`,
        `  BalancerMember ${app2.url} route=app2`,
        '</Proxy>',
        'ProxyPass /app balancer://app stickysession=sessionid routeregex=!(.*)$',
        'ErrorLog logs/error_log',
      ].join('\n'),
    );
  });

  afterEach(async () => {
    process.chdir(home);
    await rm(folder, { recursive: true });
    await Promise.all(handlers.splice(0).map((handler) => handler.close()));
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    }
    await stopBackends();
  });

  test('mounts what the file says, and warns of what is not as it was', async () => {
    const warnings: string[] = [];
    const listening = Promise.withResolvers<number>();
    const modules = {
      express: {
        default: () => {
          const app = express();
          app.listen = (() => {
            const server = createServer(app);
            servers.push(server);
            server.listen(0, '127.0.0.1', () => {
              listening.resolve((server.address() as AddressInfo).port);
            });
            return server;
          }) as typeof app.listen;
          return app;
        },
        __esModule: true,
      },
      'express-proxy-balancer': { attachUpgrades },
      'express-proxy-balancer/httpd-conf': {
        ...library,
        mountHttpdConf(...args: Parameters<typeof library.mountHttpdConf>) {
          const handler = library.mountHttpdConf(...args);
          handlers.push(handler);
          return handler;
        },
      },
    };
    guide.run('In an app', 0, {
      modules,
      names: { console: { warn: (text: string) => warnings.push(text) } },
    });
    const port = await listening.promise;
    const { body } = await requestTarget(port, '/app/x', { headers: { Cookie: 'sessionid=4711!app2' } });
    expect(body).toBe('app2');
    expect(warnings.filter((text) => text.includes('ErrorLog'))).toHaveLength(1);
    expect(warnings.every((text) => /^httpd\.conf:\d+ /.test(text))).toBe(true);
  });

  /** What the command prints for a line of the page; `serve` is ended as soon as it listens. */
  async function call(line: string): Promise<Readonly<{ exitCode: number; out: string; err: string }>> {
    const words = line
      .replace(/ [#>].*$/, '')
      .match(/'[^']*'|\S+/g)!
      .slice(2);
    const args = words.map((word) => word.replace(/^'|'$/g, '').replace(/^8080$/, '127.0.0.1:0'));
    let out = '';
    let err = '';
    const listening = Promise.withResolvers<undefined>();
    const io: Io = {
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
        if (/listening/i.test(text)) listening.resolve(undefined);
      },
      readInput: () => Promise.resolve(''),
      isColoured: { out: false, err: false },
      onSignal(listener) {
        void listening.promise.then(() => {
          listener('SIGTERM');
        });
        return () => undefined;
      },
    };
    return { exitCode: await run(args, io), out, err };
  }

  test('the example is checked, asked about and converted as it is shown', async () => {
    await writeFile('httpd.conf', findSnippets('apache')[0]!.code);
    const [line = '', ...printed] = findSnippets('console')[0]!.code.trimEnd().split('\n');
    const asked = await call(line.slice('$ '.length));
    expect(asked.out.trimEnd().split('\n')).toEqual(printed);
    const converted = await call('npx express-proxy-balancer convert httpd.conf');
    expect(converted.out).toBe(guide.findSnippet('An example'));
  });

  test('what the example becomes serves sessions where they belong', async () => {
    const [app1, app2] = [await startBackend('app1'), await startBackend('app2')];
    const replace = { 'http://app1.site.com': app1.url, 'http://app2.site.com': app2.url };
    const { mount } = guide.run('An example', 0, { replace, wanted: ['mount'] });
    const app = express();
    (mount as (app: express.Express) => void)(app);
    const get = await guide.serve(app);
    const { body } = await get('/app/cart', { headers: { Cookie: 'sessionid=4711.app2' } });
    expect(body).toBe('app2');
    expect(app2.received).toMatchObject([{ url: '/cart' }]);
    await guide.close();
  });

  test('each line of the command does what is said of it', async () => {
    const lines = findSnippets('sh')[0]!.code.trimEnd().split('\n');
    expect(lines.map((line) => line.split(' ')[2])).toEqual(['check', 'serve', 'convert', 'check']);
    const [checked, served, converted, asked] = [
      await call(lines[0]!),
      await call(lines[1]!),
      await call(lines[2]!),
      await call(lines[3]!),
    ];
    expect(checked.exitCode).toBe(1);
    expect(checked.out).toContain('ErrorLog');
    expect(served.exitCode).toBe(0);
    expect(served.err).toMatch(/listening/i);
    expect(converted.exitCode).toBe(0);
    expect(converted.out).toContain('createBalancer({');
    expect(asked.out).toContain('the session is bound to it by route "app2"');
  });
});
