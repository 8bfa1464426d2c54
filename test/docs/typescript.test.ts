import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Ajv } from 'ajv';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import ts from 'typescript';
import * as yaml from 'yaml';
import { buildSchema } from '../../scripts/schema/build-schema.ts';
import * as library from '../../src/index.ts';
import { problemsOf } from '../unit/definition/support.ts';
import { ask } from '../support/ask.ts';
import { deadUrl, startBackend, stopBackends, type Backend } from '../support/backend.ts';
import { openGuide } from '../support/guide.ts';
import { compileSnippets } from '../support/snippets.ts';

const guide = openGuide('docs/typescript.md');
const root = join(import.meta.dirname, '../..');
const execute = promisify(execFile);
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'balancer-typescript-'));
});

afterEach(async () => {
  await guide.close();
  await stopBackends();
  rmSync(directory, { recursive: true });
  jest.restoreAllMocks();
});

afterAll(guide.expectAllRun);

async function startPair(): Promise<readonly [Backend, Backend]> {
  return Promise.all([startBackend('1'), startBackend('2')]);
}

async function listen(app: Express): Promise<number> {
  return guide.keep(app.listen(0, '127.0.0.1'));
}

describe('mistakes that do not compile', () => {
  test('are those that the page shows, for the reasons that it gives', () => {
    const blocks = [
      guide.take('Names that the compiler knows'),
      guide.take('Names that the compiler knows', 1),
      guide.findSnippet('A definition in a variable'),
    ];
    const told = compileSnippets(blocks.map((code) => code.replaceAll(/^\/\/ @ts-expect-error.*\n/gm, '')));
    expect(told).toEqual([
      expect.stringContaining(`Argument of type '"app3"' is not assignable`),
      expect.stringContaining(`Argument of type '"http://localhost:4003"' is not assignable`),
      expect.stringContaining("'stickySession' does not exist"),
      expect.stringContaining('"app9"'),
      expect.stringContaining(`Type '"30"' is not assignable to type 'Duration`),
      expect.stringContaining("Type '() => undefined' is not assignable"),
      expect.stringContaining(`Argument of type '"app2"' is not assignable`),
    ]);
  }, 60_000);

  test('words in a plain variable are strings, and its misspelt options are found at start', () => {
    const head = "import { createBalancer, type BalancerDefinition } from 'express-proxy-balancer';\n";
    const told = compileSnippets([
      `${head}const d = { members: ['http://a/'], lbmethod: 'random' };\ncreateBalancer(d);`,
      `${head}const d = { members: ['http://a/'], stickysesion: 'x' };\ncreateBalancer(d);`,
      `${head}const d: BalancerDefinition = { members: ['http://a/'] };\ncreateBalancer(d).change('zzz', 'D');`,
      `${head}const d: BalancerDefinition = { members: ['http://a/'], stickysesion: 'x' };`,
    ]);
    expect(told.filter((each) => !each.includes('never read'))).toEqual([
      expect.stringContaining('lbmethod'),
      expect.stringContaining('stickysesion'),
    ]);
    expect(problemsOf({ members: ['http://a/'], stickysesion: 'x' })).toHaveLength(1);
  }, 60_000);
});

test('a definition in a variable has its names, and names of the environment are texts', () => {
  guide.run('A definition in a variable', 0, {
    names: { process: { env: { MEMBERS: 'http://localhost:1/,http://localhost:2/' } } },
    replace: { "balancer.change('app2', '+D');": '' },
  });
  const views = guide.balancers.map((balancer) => balancer.view().map(({ name, status }) => [name, status]));
  expect(views).toEqual([
    [['app1', 'D']],
    [
      ['app1', 'D'],
      ['app2', ''],
    ],
  ]);
});

test('a function typed for the app’s own requests decides, and leaves the rest to byrequests', async () => {
  const [north, south] = await startPair();
  guide.run('Functions', 0, {
    replace: { 'http://localhost:4001': north.url, 'http://localhost:4002': south.url },
  });
  const app = express();
  app.use((req, _res, next) => {
    const tenant = req.get('x-tenant');
    if (tenant !== undefined) Object.assign(req, { user: { tenant } });
    next();
  });
  app.use(guide.balancers[0]!);
  app.get('/health', (_req, res) => res.send('well'));
  const port = await listen(app);
  const get = async (tenant?: string): Promise<string> =>
    (await ask(port, tenant === undefined ? {} : { headers: { 'X-Tenant': tenant } })).text;
  expect([await get('south'), await get('south'), await get('north')]).toEqual(['2', '2', '1']);
  expect(new Set([await get(), await get(), await get()])).toEqual(new Set(['1', '2']));
  expect((await ask(port, { path: '/health' })).text).toBe('well');
});

test('facts, events and errors are told as the page has them', async () => {
  const backend = await startBackend('1');
  const lines: string[] = [];
  const { tellMember, showError, balancer, stop } = guide.run('The request, events and errors', 0, {
    names: { console: { log: (line: string) => lines.push(line) } },
    replace: { 'http://localhost:4001': backend.url },
    wanted: ['tellMember', 'showError', 'balancer', 'stop'],
  }) as {
    tellMember: RequestHandler;
    showError: ErrorRequestHandler;
    balancer: library.Balancer;
    stop: () => void;
  };
  const app = express();
  app.use(tellMember, balancer, showError);
  const port = await listen(app);
  expect((await ask(port)).text).toBe('1');
  balancer.change(`${backend.url}/`, '+D');
  expect(await ask(port)).toMatchObject({ status: 503, text: 'Back in a minute.' });
  stop();
  balancer.change(`${backend.url}/`, '-D');
  expect(lines).toEqual([`${backend.url}, at attempt 1`, `${backend.url}/: D`, 'nobody, at attempt 0']);
});

test('the block for NestJS is TypeScript', () => {
  const [block, ...others] = guide.findSnippets('typescript');
  expect(others).toEqual([]);
  const { diagnostics } = ts.transpileModule(block!.code, { reportDiagnostics: true });
  expect(diagnostics).toEqual([]);
});

describe('a definition in a file', () => {
  const [json] = guide.findSnippets('json');
  const [text] = guide.findSnippets('yaml');
  const validate = new Ajv({ strictTypes: false, formats: { regex: true } }).compile(buildSchema());

  test('its schema takes it, and so does the balancer; in YAML likewise', () => {
    for (const definition of [JSON.parse(json!.code), yaml.parse(text!.code)] as unknown[]) {
      expect([validate(definition), validate.errors]).toEqual([true, null]);
      expect(problemsOf(definition)).toEqual([]);
    }
    expect(json!.code).toContain(
      '"$schema": "./node_modules/express-proxy-balancer/dist/definition.schema.json"',
    );
    expect(text!.code).toContain(
      '$schema=./node_modules/express-proxy-balancer/dist/definition.schema.json\n',
    );
  });

  test('Off without quotes is a boolean to parsers of YAML 1.1, and not to those of 1.2', () => {
    expect(yaml.parse('proxyvia: Off', { version: '1.1' })).toEqual({ proxyvia: false });
    expect(yaml.parse('proxyvia: Off')).toEqual({ proxyvia: 'Off' });
  });

  test('what a file cannot say is refused by the schema', () => {
    const members = ['http://a/'];
    for (const more of [{ state: {} }, { logger: {} }, { routeCookie: { expires: '2030-01-01' } }])
      expect([more, validate({ members, ...more })]).toEqual([more, false]);
    expect(validate({ members, logger: false, exclude: '/a' })).toBe(true);
  });

  test('is followed while the app runs; a wrong one, and half of one, leave what holds', async () => {
    const [one, two] = await startPair();
    const file = join(directory, 'balancer.json');
    const write = (definition: unknown): void => {
      writeFileSync(file, typeof definition === 'string' ? definition : JSON.stringify(definition));
    };
    write({ name: 'shop', members: [one.url] });
    let look: () => void = () => undefined;
    const watched: unknown[] = [];
    const printed: unknown[] = [];
    const print = (given: unknown): unknown => printed.push(given);
    const app = express();
    guide.run('A definition in a file', 0, {
      modules: {
        'node:fs': {
          ...process.getBuiltinModule('node:fs'),
          watchFile(path: string, options: unknown, listener: () => void) {
            watched.push(path, options);
            look = listener;
          },
        },
      },
      names: { app, console: { log: print, error: print } },
      replace: { "'balancer.json'": JSON.stringify(file) },
    });
    const port = await listen(app);
    expect(watched).toEqual([file, { interval: 1000, persistent: false }]);
    expect((await ask(port)).text).toBe('1');
    write({ name: 'shop', members: [two.url] });
    look();
    expect((await ask(port)).text).toBe('2');
    write({ name: 'shop', members: [one.url, 5], timeout: 30_000 });
    look();
    write('{ "name": "shop", "mem');
    look();
    rmSync(file);
    look();
    expect((await ask(port)).text).toBe('2');
    expect(printed).toEqual([
      `${file} is in force`,
      expect.stringMatching(
        /balancer\.json: The definition of balancer 'shop' is wrong:\n {2}members\[1\] is 5: .*\n {2}timeout is 30000: /s,
      ),
      expect.stringMatching(/balancer\.json: .* JSON at position 22[^\n]*$/),
      `${file}: ENOENT: no such file or directory, open '${file}'`,
    ]);
  });

  test('is read as a module by an ES module', async () => {
    const [block] = guide.findSnippets('js');
    const name = pathToFileURL(join(root, 'src/index.ts')).href;
    const dead = await deadUrl();
    writeFileSync(join(directory, 'balancer.json'), JSON.stringify({ $schema: 'x', members: [`${dead}/`] }));
    writeFileSync(
      join(directory, 'app.mjs'),
      `${block!.code.replace("'express-proxy-balancer'", JSON.stringify(name))}\nconsole.log(balancer.view()[0].name);\n`,
    );
    const { stdout, stderr } = await execute(process.execPath, [join(directory, 'app.mjs')]);
    expect([stdout, stderr]).toEqual([`${dead}/\n`, '']);
  });

  test('is YAML as well', async () => {
    const [one] = await startPair();
    const file = join(directory, 'balancer.yaml');
    writeFileSync(file, `members:\n  - ${one.url}\n`);
    const app = express();
    guide.run('YAML', 0, {
      modules: { yaml },
      names: { app },
      replace: { "'balancer.yaml'": JSON.stringify(file) },
    });
    expect((await ask(await listen(app))).text).toBe('1');
  });
});
