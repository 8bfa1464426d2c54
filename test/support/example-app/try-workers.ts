import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { createInterface } from 'node:readline';
import { start } from './console.ts';
import { ask, askOneWorker, startFreshLoad } from './fresh.ts';

type Check = (promise: string, test: () => unknown) => Promise<void>;

/** What one start of the cluster says. */
type Cluster = Readonly<{
  process: ChildProcess;
  url: string;
  password: string;
  pids: readonly number[];
  workers: readonly string[];
  redis: number;
  app2: string;
  lines: readonly string[];
  /** A line that matches, said already or to come. */
  line(pattern: RegExp): Promise<RegExpExecArray>;
}>;

const none = new Set<string>();

/** The front on all cores, with a real Redis; the sentence that is returned says why it was left out. */
export async function tryWorkers(postsFile: string, check: Check): Promise<string | undefined> {
  await check('without Redis the cluster says what to install or to set', refuseWithoutRedis);
  if (spawnSync('redis-server', ['--version']).status !== 0) {
    equal(process.env['CI'], undefined, 'redis-server is to be installed here');
    return 'The cluster was left out: there is no redis-server';
  }
  await tryCluster(await startCluster(postsFile), check);
  const again = await startCluster(postsFile);
  await check('a worker that ends before it listens is replaced too', async () => {
    const [killed = ''] = again.workers;
    const known = new Set(listChildren(again.process));
    process.kill(Number(killed), 'SIGKILL');
    await again.line(new RegExp(`^worker \\(pid ${killed}\\) has ended: SIGKILL$`));
    let early: number | undefined;
    while (early === undefined) early = listChildren(again.process).find((pid) => !known.has(pid));
    process.kill(early, 'SIGKILL');
    // On a slow day it has listened before, and is told of as well.
    await again.line(new RegExp(`^worker \\(pid (?!${early}\\))\\d+\\) has been started in its place$`));
    const told = again.lines.filter((said) => said === `worker (pid ${killed}) has ended: SIGKILL`);
    equal(told.length, 1);
  });

  await check('Ctrl-C ends every process of the cluster, a redis-server that stands still too', async () => {
    process.kill(again.redis, 'SIGSTOP');
    const gone = once(again.process, 'exit');
    again.process.kill('SIGINT');
    deepEqual(await gone, [0, null]);
    deepEqual(again.pids.filter(isAlive), []);
  });
  return undefined;
}

async function refuseWithoutRedis(): Promise<void> {
  const environment = { ...process.env, PATH: '', REDIS_URL: '' };
  const child = spawn(process.execPath, ['example-app/start-cluster.ts'], {
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const gone = once(child, 'exit');
  const said = await text(child.stderr);
  deepEqual(await gone, [1, null]);
  match(said, /apt-get install redis-server/);
  match(said, /brew install redis/);
  match(said, /REDIS_URL=/);
}

async function tryCluster(cluster: Cluster, check: Check): Promise<void> {
  const { url, workers, line } = cluster;

  await check('every worker answers, with the forum and with its pid', async () => {
    ok(workers.length >= 2);
    deepEqual(
      await ofAll(cluster, none, async (askHere) => (await askHere('/')).status === 200),
      new Set(workers),
    );
  });

  await check('who has logged in to the manager of one worker steers by any', async () => {
    await drain(cluster);
  });

  const isDrained = `  app1: it is drained`;
  await check('a drain by one worker is in force in all', async () => {
    const heard = await ofAll(cluster, none, async (askHere) =>
      (await askHere('/why')).text.includes(isDrained),
    );
    deepEqual(heard, new Set(workers));
  });

  const load = startFreshLoad(`${url}/`, ({ status, servedBy }) => status === 200 && servedBy === 'app2');
  load.begin('drained');
  await load.after(100);

  const [killed = ''] = workers;
  let started = '';
  await check('a worker that is killed is told of, and another one is started', async () => {
    load.begin('killing', true);
    process.kill(Number(killed), 'SIGKILL');
    await line(new RegExp(`^worker \\(pid ${killed}\\) has ended: SIGKILL$`));
    load.begin('killed');
    [, started = ''] = await line(/^worker \(pid (\d+)\) has been started in its place$/);
    await load.after(200);
  });

  await check('the one in its place knows of the drain', async () => {
    const heard = await ofAll(
      cluster,
      new Set([killed]),
      async (askHere) => (await askHere('/why')).text.includes(isDrained),
      [started],
    );
    ok(heard.has(started));
  });

  await check('without Redis they go on, with what they know', async () => {
    load.begin('killing Redis');
    process.kill(cluster.redis, 'SIGKILL');
    await line(/^redis \(pid \d+\) has ended: /);
    await line(/^Start it again with: redis-server --port \d+ /);
    load.begin('without Redis');
    await load.after(200);
  });

  await load.stop();
  await check('no GET failed, but those on connections of the killed worker', () => {
    for (const phase of ['drained', 'killed', 'killing Redis', 'without Redis']) {
      deepEqual(load.faultsOf(phase), [], phase);
    }
    // A connection that Node was just handing to it is nobody's, and stays open.
    for (const fault of load.faultsOf('killing'))
      match(fault, /^no answer: .*(?:ECONNRESET|hang up|in \d+ s)/);
  });

  await check('SIGTERM ends all, and what is under way first', async () => {
    const slow = new URLSearchParams({ slow: '1500' }).toString();
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    await ask(`${cluster.app2}/trouble`, { method: 'POST', headers, body: slow });
    const answer = ask(`${url}/`);
    await ofAny(cluster, async (askHere) => (await askHere('/why')).text.includes(', 1 under way'));
    const gone = once(cluster.process, 'exit');
    cluster.process.kill('SIGTERM');
    equal((await answer).status, 200);
    deepEqual(await gone, [0, null]);
    deepEqual([...cluster.pids, Number(started)].filter(isAlive), []);
  });
}

type AskHere = Parameters<Parameters<typeof askOneWorker>[1]>[0];

/** Asks until each worker has said yes, and tells which have. */
async function ofAll(
  { url, workers }: Cluster,
  gone: ReadonlySet<string>,
  isSo: (askHere: AskHere) => Promise<boolean>,
  others: readonly string[] = [],
): Promise<Set<string>> {
  const awaited = new Set([...workers.filter((pid) => !gone.has(pid)), ...others]);
  const said = new Set<string>();
  // A minute at the least.
  for (const until = performance.now() + 60_000; said.size < awaited.size && performance.now() < until;) {
    const [pid, isYes] = await askOneWorker(url, isSo);
    if (isYes) said.add(pid);
  }
  return said;
}

async function ofAny(cluster: Cluster, isSo: (askHere: AskHere) => Promise<boolean>): Promise<void> {
  for (let isYes = false; !isYes;) [, isYes] = await askOneWorker(cluster.url, isSo);
}

async function drain({ url, password, workers }: Cluster): Promise<void> {
  const manager = `${url}/balancer-manager`;
  const form = new URLSearchParams({ name: 'ann', password }).toString();
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded', Origin: url };
  const login = await ask(`${manager}/login`, { method: 'POST', headers, body: form });
  equal(login.status, 303);
  const cookie = login.setCookie[0]?.split(';')[0] ?? '';
  const { text: answer } = await ask(`${manager}/api/token`, { headers: { cookie } });
  const { token } = JSON.parse(answer) as { token: string };
  // On new connections, which go round: each worker reads what another one has signed.
  for (let i = 0; i < workers.length; i += 1) {
    const report = await ask(`${manager}/api/report`, { headers: { cookie } });
    equal(report.status, 200);
    const changed = await ask(`${manager}/api/balancers/app-balancer/members/app1`, {
      method: 'PATCH',
      headers: { cookie, Origin: url, 'X-Manager-Token': token, 'Content-Type': 'application/json' },
      body: JSON.stringify({ status: '+N', reason: `deploy ${i}` }),
    });
    equal(changed.status, 200, changed.text);
  }
}

async function startCluster(postsFile: string): Promise<Cluster> {
  const child = start(postsFile, 'example-app/start-cluster.ts');
  const lines: string[] = [];
  const readers = new Set<() => void>();
  createInterface({ input: child.stdout }).on('line', (said) => {
    lines.push(said);
    for (const read of readers) read();
  });

  function line(pattern: RegExp): Promise<RegExpExecArray> {
    const { promise, resolve } = Promise.withResolvers<RegExpExecArray>();
    const read = (): void => {
      for (const said of lines) {
        const found = pattern.exec(said);
        if (!found) continue;
        readers.delete(read);
        resolve(found);
        return;
      }
    };
    readers.add(read);
    read();
    return promise;
  }

  const ended = once(child, 'exit').then(() => {
    throw new Error('the cluster ended before it was ready');
  });
  await Promise.race([line(/^Ctrl-C ends all/), ended]);
  // It ends later, and properly.
  ended.catch(() => undefined);
  const rows = lines.flatMap((said) => {
    const [, name = '', url = '', pid = ''] = /^ {2}(\w+) +(\S+:\/\/\S+) +pid (\d+)$/.exec(said) ?? [];
    return pid === '' ? [] : [{ name, url: url.replace(/\/$/, ''), pid }];
  });
  const find = (name: string) => rows.find((row) => row.name === name)!;
  const [, password = ''] = await line(/^See and steer the balancers.* password (\S+)$/);
  return {
    process: child,
    url: find('worker').url,
    password,
    pids: rows.map(({ pid }) => Number(pid)),
    workers: rows.filter(({ name }) => name === 'worker').map(({ pid }) => pid),
    redis: Number(find('redis').pid),
    app2: find('app2').url,
    lines,
    line,
  };
}

function listChildren({ pid }: ChildProcess): readonly number[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  return stdout.split('\n').flatMap((row) => {
    const [child = 0, parent] = row.trim().split(/\s+/).map(Number);
    return parent === pid ? [child] : [];
  });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
