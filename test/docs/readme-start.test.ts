import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readPage } from '../support/pages.ts';

const root = join(import.meta.dirname, '../..');
const { text, findSnippets } = readPage('README.md');
const headings = ['Start', 'Sticky, watched, and ready to end'];

/** The paragraph before a block. */
function wordsBefore(line: number): string {
  return text
    .split('\n')
    .slice(0, line - 2)
    .at(-1)!;
}

const blocks = ['sh', 'js', 'console']
  .flatMap((language) => findSnippets(language))
  .filter(({ heading }) => headings.includes(heading))
  .toSorted((one, other) => one.line - other.line)
  .map((snippet) => ({ ...snippet, words: wordsBefore(snippet.line) }));
const blocksOf = (language: string) => blocks.filter((block) => block.language === language);

/** The commands of a console, and what is printed by each. */
function readConsole(code: string): readonly (readonly [command: string, printed: string])[] {
  return code
    .split(/^\$ /m)
    .slice(1)
    .map((each) => {
      const end = each.indexOf('\n') + 1;
      return [each.slice(0, end).trimEnd(), each.slice(end)] as const;
    });
}

test('installs what the files import, and nothing else', () => {
  const commands = blocksOf('sh').flatMap(({ code }) => code.trimEnd().split('\n'));
  const installed = commands
    .filter((command) => command.startsWith('npm install '))
    .flatMap((command) => command.split(' ').slice(2));
  const imported = blocksOf('js').flatMap(({ code }) =>
    [...code.matchAll(/from '([^']+)'/g)].map(([, name]) => name!.replace(/(?<=balancer)\/.*/, '')),
  );
  const foreign = imported.filter((name) => !name.startsWith('node:'));
  expect(new Set(installed)).toEqual(new Set(foreign));
});

describe('followed to the letter', () => {
  let folder = '';
  /** The ports of the page, and free ones in their place. */
  const ports = new Map<string, string>();
  const running = new Map<string, ChildProcess>();

  const place = (code: string): string =>
    [...ports].reduce((result, [from, to]) => result.replaceAll(from, to), code);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'start-'));
    for (const port of ['4001', '4002', '8080']) ports.set(port, await findFreePort());
    await writeFile(join(folder, 'package.json'), '{ "name": "start", "private": true }');
    await installPackage(join(folder, 'node_modules'));
  });

  afterAll(async () => {
    await Promise.all([...running.keys()].map((command) => end(command, 'SIGKILL')));
    await rm(folder, { recursive: true });
  });

  async function write({ words, code }: (typeof blocks)[number]): Promise<void> {
    const name = /^`(\w+\.mjs)`/.exec(words)![1]!;
    await writeFile(join(folder, name), place(code));
  }

  /** Starts a command line of `node`, and waits for the first line that it prints. */
  async function start(command: string): Promise<string> {
    const [program, ...args] = place(command).split(' ');
    expect(program).toBe('node');
    const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
    running.set(command, child);
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    return line.toString();
  }

  async function end(command: string, signal: NodeJS.Signals = 'SIGINT'): Promise<unknown[]> {
    const child = running.get(command)!;
    running.delete(command);
    const ended = once(child, 'exit');
    child.kill(signal);
    return ended;
  }

  /** Types each line of the console block that stands behind these words. */
  async function typeAfter(words: string): Promise<void> {
    const block = blocksOf('console').find((each) => each.words.startsWith(words));
    expect([words, block]).not.toEqual([words, undefined]);
    for (const [command, printed] of readConsole(block!.code)) {
      const { stdout } = await promisify(execFile)('sh', ['-c', place(command)], { cwd: folder });
      expect([command, stdout]).toEqual([command, printed]);
    }
  }

  const fetchText = async (path: string): Promise<string> =>
    (await fetch(place(`http://localhost:8080${path}`))).text();

  const [, starting, ...others] = blocksOf('sh');
  const [a = '', b = '', app = ''] = starting!.code.trimEnd().split('\n');
  const [backend, first, second] = blocksOf('js');

  test('has these steps, and no others', () => {
    expect(starting!.words).toMatch(/^Start these three/);
    expect(others.map(({ code }) => code)).toEqual(['npm install prom-client\n']);
    expect(blocksOf('js')).toHaveLength(3);
    expect(blocksOf('console')).toHaveLength(5);
  });

  test('balances, and nobody sees a member die', async () => {
    await write(backend!);
    await write(first!);
    expect([await start(a), await start(b), await start(app)]).toEqual(
      ['a listens on 4001\n', 'b listens on 4002\n', 'http://localhost:8080\n'].map(place),
    );
    await typeAfter('Ask, in a fourth one');
    await end(a);
    await typeAfter('Each in turn. Now end `a` with Ctrl-C');
  }, 60_000);

  test('is sticky, watched, and ends by itself', async () => {
    expect(text).toContain(`Start \`a\` again (\`${a}\`)`);
    await start(a);
    await write(second!);
    await end(app);
    await start(app);
    await typeAfter('End the app with Ctrl-C, start it again with `node app.mjs`');
    await end(a);
    await typeAfter('End `a` with Ctrl-C.');

    expect(await fetchText('/balancer-manager/')).toContain('its session is bound there');

    await start(a);
    expect(text).toContain('Start `a` again, and two seconds later it serves again.');
    for (let body = ''; body !== 'a answers /cart\n';) body = await fetchText('/cart');

    await Promise.all([end(a), end(b)]);
    await typeAfter('Start `a` again, and two seconds later');
    expect(await end(app, 'SIGTERM')).toEqual([0, null]);
  }, 60_000);

  test('CommonJS loads it by the line that is shown', async () => {
    const [, line = ''] = /CommonJS loads it with `([^`]+)`/.exec(text)!;
    await writeFile(join(folder, 'app.cjs'), `${line};\nconsole.log(typeof createBalancer);\n`);
    const { stdout } = await promisify(execFile)(process.execPath, ['app.cjs'], { cwd: folder });
    expect(stdout).toBe('function\n');
  }, 60_000);
});

/** What `npm install` would leave, but the package as its sources: `exports` leads to them instead of what is built. */
async function installPackage(modules: string): Promise<void> {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    exports: Readonly<Record<string, string | Readonly<{ default: string }>>>;
  };
  const paths = Object.entries(exports).flatMap(([name, to]) =>
    typeof to === 'string' ? [] : [[name, to.default.replace('/dist/', '/src/').replace('.js', '.ts')]],
  );
  const own = join(modules, 'express-proxy-balancer');
  await mkdir(own, { recursive: true });
  await writeFile(
    join(own, 'package.json'),
    JSON.stringify({
      name: 'express-proxy-balancer',
      type: 'module',
      exports: Object.fromEntries(paths) as unknown,
    }),
  );
  await symlink(join(root, 'src'), join(own, 'src'));
  for (const name of ['express', 'prom-client'])
    await symlink(join(root, 'node_modules', name), join(modules, name));
}

async function findFreePort(): Promise<string> {
  const server = createServer();
  // Below those that the system gives to outgoing connections.
  server.listen(10_000 + Math.floor(Math.random() * 20_000));
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return String(port);
}
