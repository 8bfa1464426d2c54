import { once } from 'node:events';
import { createServer, request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from '@jest/globals';
import { stopBackends } from '../../support/backend.ts';
import { closeWebSockets, openWebSocket, say, startChat, type Chat } from '../../support/websocket.ts';
import type { NodeVersion, Project } from './project.ts';

/** A front of a project, and its two members. */
export type Front = Readonly<{
  port: number;
  app1: Chat;
  app2: Chat;
  /** What members were sent. */
  bodies: readonly string[];
  ask(
    path: string,
    more?: Readonly<{ method?: string; headers?: IncomingHttpHeaders; body?: string }>,
  ): Promise<Answer>;
  /** Asks it to end, and tells how it did. */
  end(): Promise<Ending>;
}>;

export type Answer = Readonly<{ status: number; body: string; member: string | undefined }>;
export type Ending = Readonly<{ code: number | null; signal: string | null; said: string }>;

/** Nothing is left that keeps it, and nobody has ended it. */
const byItself: Pick<Ending, 'code' | 'signal'> = { code: 0, signal: null };

const running = new Set<() => void>();

/** Starts a script of a project, which says on which port it listens, before two members `app1` and `app2`. */
export async function startFront(
  project: Project,
  args: readonly string[] = ['front.js'],
  node?: NodeVersion,
): Promise<Front> {
  const bodies: string[] = [];
  const startMember = (name: string): Promise<Chat> => {
    const server = createServer((req) => {
      void text(req).then((body) => bodies.push(body));
    });
    return startChat(name, {}, {}, server);
  };
  const [app1, app2] = await Promise.all([startMember('app1'), startMember('app2')]);
  const child = project.start(args, { MEMBERS: `${app1.url} ${app2.url}` }, node);
  running.add(() => child.kill('SIGKILL'));
  let said = '';
  child.stderr!.on('data', (words) => (said += String(words)));
  const ended = once(child, 'close') as Promise<[number | null, string | null]>;
  const lines = createInterface(child.stdout!);
  const listening = new Promise<number>((resolve, reject) => {
    lines.on('line', (line) => {
      said += `${line}\n`;
      const port = /^listening on (\d+)$/.exec(line)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
    void ended.then(() => {
      reject(new Error(`it has ended: ${said}`));
    });
  });
  const port = await listening;
  return {
    port,
    app1,
    app2,
    bodies,
    ask: (path, more) => ask(port, path, more),
    async end() {
      child.kill('SIGTERM');
      const [code, signal] = await ended;
      return { code, signal, said };
    },
  };
}

/** What its members get, and what becomes of it, is the same in each project. */
export function promiseProxying(start: () => Promise<Front>, ending = byItself): void {
  afterEach(async () => {
    closeWebSockets();
    for (const end of running) end();
    running.clear();
    await stopBackends();
  });

  test('balances, keeps sessions, fails over, tells the app of errors, and ends by itself', async () => {
    const front = await start();
    const members = [];
    for (let i = 0; i < 4; i++) members.push((await front.ask('/')).member);
    expect(members).toEqual(['app1', 'app2', 'app1', 'app2']);

    const session = { headers: { cookie: 'session=abc.app2' } };
    for (let i = 0; i < 3; i++)
      expect(await front.ask('/', session)).toMatchObject({ status: 200, body: 'app2' });

    await front.app2.stop();
    expect(await front.ask('/', session)).toMatchObject({ status: 200, body: 'app1' });

    await front.app1.stop();
    const { status, body } = await front.ask('/');
    expect({ status, body: JSON.parse(body) as unknown }).toEqual({
      status: 503,
      body: { page: "the app's", code: expect.stringMatching(/^ERR_BALANCER_(?:CONNECT|NO_MEMBER)$/) },
    });
    expect(await front.end()).toEqual({ ...ending, said: expect.not.stringMatching(/warn/i) });
  });

  test('carries WebSockets, to the session’s member too, and tells them to go at its end', async () => {
    const front = await start();
    const { socket, head } = await openWebSocket(front.port, '/', {
      headers: { cookie: 'session=abc.app2' },
    });
    expect(head.headers['x-backend']).toBe('app2');
    expect(await say(socket, 'hello')).toBe('hello');
    const closed = once(socket, 'close') as Promise<[number]>;
    const [ended, [code]] = await Promise.all([front.end(), closed]);
    expect(code).toBe(1001);
    expect(ended).toMatchObject(ending);
  });
}

/** Manager and metrics, which are parts of their own. `isBundled`: without the files of the manager's script. */
export function promiseParts(
  start: () => Promise<Front>,
  { isBundled = false, ending = byItself } = {},
): void {
  test('has the manager and metrics beside it', async () => {
    const front = await start();
    await front.ask('/');
    const { status, body } = await front.ask('/manager/api/balancers');
    expect(status).toBe(200);
    expect(body).toContain(front.app1.url);
    expect((await front.ask('/manager/')).body).toContain('<title>');
    expect((await front.ask('/manager/assets/manager.css')).status).toBe(200);
    for (const name of ['main.js', 'uplot.js', 'uplot.css'])
      expect((await front.ask(`/manager/assets/${name}`)).status).toBe(isBundled ? 404 : 200);
    expect((await front.ask('/metrics')).body).toMatch(/^balancer_requests_total\{.*code="2xx".*\} 1$/m);
    expect(await front.end()).toMatchObject(ending);
  });
}

async function ask(
  port: number,
  path: string,
  { method = 'GET', headers = {}, body = '' }: Parameters<Front['ask']>[1] = {},
): Promise<Answer> {
  const asking = request({ port, host: '127.0.0.1', path, method, headers, agent: false });
  asking.end(body);
  const [res] = (await once(asking, 'response')) as [IncomingMessage];
  const member = res.headers['x-backend'] as string | undefined;
  return { status: res.statusCode!, body: await text(res), member };
}
