import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import auth from 'basic-auth';
import express, { type Express } from 'express';
import { readChangeRequest } from '../../src/changes/read-request.ts';
import { createBalancer, type Balancer, type BalancerDefinition } from '../../src/index.ts';
import { apiRoutes } from '../../src/manager/api/api-routes.ts';
import * as library from '../../src/manager/index.ts';
import { managerFailures } from '../../src/manager/route.ts';
import { openGuide } from '../support/guide.ts';
import { readCode } from '../support/pages.ts';
import { requestTarget } from '../support/request-target.ts';

const guide = openGuide('docs/manager.md');
const { readSection, readTable } = guide;
const managers: library.Manager[] = [];
const balancers: Balancer[] = [];

afterEach(async () => {
  for (const manager of managers.splice(0)) manager.close();
  await guide.close();
  await Promise.all(balancers.splice(0).map((balancer) => balancer.close()));
});

afterAll(guide.expectAllRun);

/** The manager as blocks see it; what they create is closed in the end. */
const modules = {
  'basic-auth': { default: auth, __esModule: true },
  'express-proxy-balancer/manager': {
    createManager(options: library.ManagerOptions) {
      const manager = library.createManager({ ...options, logger: false });
      managers.push(manager);
      return manager;
    },
  },
};

function create(definition: BalancerDefinition): Balancer {
  const balancer: Balancer = createBalancer({ ...definition, logger: false });
  balancers.push(balancer);
  return balancer;
}

/** Runs a block in an app of its own; the port of that. */
async function serve(heading: string, replace: Readonly<Record<string, string>> = {}): Promise<number> {
  const app: Express = express();
  const environment = { env: { MANAGER_PASSWORD: 'open sesame' } };
  guide.run(heading, 0, { modules, replace, names: { app, process: environment } });
  return guide.keep(app.listen(0, '127.0.0.1'));
}

describe('the snippets run', () => {
  test('it shows every balancer of the process, to this machine and nobody else', async () => {
    const port = await serve('Mount it');
    const ask = (host: string) =>
      requestTarget(port, '/balancer-manager/', { headers: { Host: `${host}:${port}` } });
    const { status, body } = await ask('localhost');
    expect([status, body.includes('http://localhost:4002')]).toEqual([200, true]);
    expect((await ask('evil.example')).status).toBe(403);
  });

  test('basic-auth asks for the password, and takes no other', async () => {
    const port = await serve('Who may come in');
    const ask = async (credentials?: string): Promise<number | undefined> => {
      const Authorization = `Basic ${Buffer.from(credentials ?? '').toString('base64')}`;
      const { status } = await requestTarget(port, '/balancer-manager/', {
        headers: credentials === undefined ? {} : { Authorization },
      });
      return status;
    };
    const { headers } = await requestTarget(port, '/balancer-manager/');
    expect(headers['www-authenticate']).toBe('Basic realm="balancers"');
    const given = [undefined, 'ann:', 'ann:guessed', 'ann:open sesame'];
    expect(await Promise.all(given.map(ask))).toEqual([401, 401, 401, 200]);
  });

  test('changes that were stored hold after a restart', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'readme-'));
    try {
      const file = join(directory, 'changes.json');
      const inFile = { "'balancer-changes.json'": JSON.stringify(file) };
      const members = [
        { url: 'http://localhost:4001/', route: 'app1' },
        { url: 'http://localhost:4002/', route: 'app2' },
      ];
      const createShop = () => create({ name: 'shop', members });
      createShop();
      const port = await serve('Changes', inFile);
      const host = `localhost:${port}`;
      const token = await requestTarget(port, '/balancer-manager/api/token', { headers: { Host: host } });
      const { status } = await requestTarget(port, '/balancer-manager/api/balancers/shop/members/app2', {
        method: 'PATCH',
        headers: {
          Host: host,
          Origin: `http://${host}`,
          'Content-Type': 'application/json',
          'X-Manager-Token': (JSON.parse(token.body) as { token: string }).token,
        },
        body: '{ "loadfactor": 7 }',
      });
      expect([status, balancers[0]!.view()[1]!.loadfactor]).toEqual([200, 7]);
      expect(JSON.parse(await readFile(file, 'utf8'))).toHaveLength(1);

      for (const manager of managers.splice(0)) manager.close();
      await balancers.pop()!.close();
      const again = createShop();
      expect(again.view()[1]!.loadfactor).toBe(1);
      await serve('Changes', inFile);
      expect(again.view()[1]!.loadfactor).toBe(7);

      await again.close();
      // A balancer that comes after its manager.
      expect(createShop().view()[1]!.loadfactor).toBe(7);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

test('the lines for curl do what they say', async () => {
  const balancer = create({
    name: 'app-balancer',
    stickysession: 'sessionid',
    routeregex: /!(.*)$/,
    members: [
      { url: 'http://localhost:4001/', route: 'app1' },
      { url: 'http://localhost:4002/', route: 'app2' },
    ],
  });
  const app = express();
  app.use(
    '/balancer-manager',
    modules['express-proxy-balancer/manager'].createManager({ authorize: 'loopback-only' }),
  );
  const port = await guide.keep(app.listen(0, '127.0.0.1'));
  const [, script = ''] = /^```sh\n(.*?)^```$/ms.exec(readSection('JSON API')) ?? [];
  expect(script).toContain('localhost:8080');
  const { stdout } = await promisify(execFile)('bash', [
    '-euc',
    script.replace('localhost:8080', `localhost:${port}`),
  ]);
  const answers = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  const inForce = (deed: object) => ({ change: { by: 'this machine', state: 'in-force', deed } });
  expect(answers).toMatchObject([
    { balancers: [{ name: 'app-balancer' }] },
    { name: 'app2', loadfactor: 1 },
    { ...inForce({ kind: 'change' }), member: { loadfactor: 2 } },
    { ...inForce({ kind: 'drain', deadlineMs: 300_000 }), member: { status: 'N' } },
    { ...inForce({ kind: 'add', name: 'app3' }), member: { name: 'app3' } },
    { ...inForce({ kind: 'configure' }), balancer: { lbmethod: 'bybusyness' } },
    inForce({ kind: 'remove', member: 'app3' }),
    { member: 'app2', route: 'app2' },
    { change: { deed: { kind: 'remove' }, state: 'undone' } },
  ]);
  expect(balancer.view()).toMatchObject([
    { name: 'app1', status: '' },
    { name: 'app2', status: 'N', loadfactor: 2 },
    { name: 'app3' },
  ]);
});

const optionNames: Readonly<Record<keyof library.ManagerOptions, true>> = {
  authorize: true,
  balancers: true,
  allowMembers: true,
  hosts: true,
  onChange: true,
  initialChanges: true,
  secret: true,
  title: true,
  logger: true,
};

test('the picture is there', async () => {
  const [, path = ''] = /!\[[^\]]+\]\(([^)]+)\)/.exec(guide.text) ?? [];
  const file = await readFile(new URL(`../../docs/${path}`, import.meta.url));
  expect(file.subarray(1, 4).toString()).toBe('PNG');
});

test('a deadline behind the end, which the table rules out, is refused', () => {
  expect(readSection('JSON API')).toContain('which comes before the end of `for`');
  const drain = (deadline: string) =>
    readChangeRequest('drain', { balancer: 'a', member: 'b' }, { for: '20m', deadline });
  expect(() => drain('20m')).toThrow('write one that is shorter than for');
  expect(() => drain('19m')).not.toThrow();
});

describe('the tables', () => {
  const firstCells = (heading: string): string[] =>
    readTable(heading)
      .slice(1)
      .map(([cell]) => readCode(cell!)[0]!);

  test('options: every option has a row, and every row is an option', () => {
    expect(firstCells('Options')).toEqual(Object.keys(optionNames));
  });

  test('JSON API: every request has a row, and every row is a request', () => {
    const requests = apiRoutes.map(({ method, path }) => `${method} ${path}`);
    expect(firstCells('JSON API').toSorted()).toEqual(requests.toSorted());
  });

  test('errors: every code has a row with its status, and every row is a code', () => {
    const rows = readTable('Errors').slice(1);
    const told = Object.fromEntries(rows.map(([code, status]) => [readCode(code!)[0]!, Number(status)]));
    const real = Object.entries(managerFailures).map(([code, [status]]) => [code, status] as const);
    expect(told).toEqual({ ...Object.fromEntries(real), ERR_BALANCER_DEFINITION: 422 });
  });
});
