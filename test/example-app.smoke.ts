// The example app as a user meets it: started, logged in to, one backend killed and restarted under load, ended; the
// demonstration; its httpd.conf, served without an app; and the cluster of workers that share their state.
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { WebSocket } from 'ws';
import {
  killAll,
  lastLines,
  line,
  readIntroduction,
  readPort,
  run,
  serve,
  start,
} from './support/example-app/console.ts';
import { startLoad } from './support/example-app/load.ts';
import { tryWorkers } from './support/example-app/try-workers.ts';
import { createClient, readToken, talk } from './support/example-app/visitor.ts';

const timeoutMs = 300_000;
const directory = await mkdtemp(join(tmpdir(), 'example-app-'));
const postsFile = join(directory, 'posts.jsonl');
let passed = 0;
let failed = 0;
let leftOut: string | undefined;

setTimeout(() => {
  failed += 1;
  console.error(`Not finished after ${timeoutMs / 1000} s. The last lines of the console:\n${lastLines()}`);
  void finish();
}, timeoutMs).unref();

try {
  await tryCluster();
  await tryDemo();
  await tryServe();
  leftOut = await tryWorkers(postsFile, check);
} catch (error) {
  failed += 1;
  console.error(error, `\nThe last lines of the console:\n${lastLines()}`);
}
await finish();

async function tryCluster(): Promise<void> {
  const cluster = start(postsFile, 'example-app/start.ts');
  const processes = await readIntroduction(cluster);
  const url = processes.front.url.replace(/\/$/, '');
  const client = createClient(url);
  let home = '';

  await check('an unbound visitor gets a page', async () => {
    const res = await fetch(`${url}/`);
    equal(res.status, 200);
    match(await res.text(), /Served by app[12] on 127\.0\.0\.1:\d+, not sticky/);
  });

  await check(
    'the login sends the browser to the front, with a cookie that any host name can keep',
    async () => {
      const res = await client.post('/login', { name: 'ann', password: 'balancer' });
      equal(res.status, 303);
      equal(res.headers.get('location'), `${url}/posts`);
      home = res.headers.get('x-served-by') ?? '';
      const [cookie = ''] = res.headers.getSetCookie();
      match(cookie, new RegExp(`^sessionid=[\\w-]+!${home};`));
      ok(!/domain=/i.test(cookie), cookie);
      match(cookie, /; Path=\/;/);
    },
  );

  await check('twenty requests stay with the backend of the session', async () => {
    for (let i = 0; i < 20; i += 1) {
      const page = await client.page('/posts', 200);
      match(page, new RegExp(`Served by ${home} on 127\\.0\\.0\\.1:${processes[home]!.port}, sticky`));
    }
  });

  await check('a post is seen by everybody, through both backends', async () => {
    const token = readToken(await client.page('/posts', 200));
    equal((await client.post('/posts', { token, text: 'a <b>bold</b> word' })).status, 303);
    match(await client.page('/posts', 200), /a &lt;b&gt;bold&lt;\/b&gt; word/);
    const seenThrough = new Set<string>();
    // byrequests gives the other member first what the session's twenty requests have given its own.
    for (let i = 0; i < 60 && seenThrough.size < 2; i += 1) {
      const res = await fetch(`${url}/`);
      match(await res.text(), /a &lt;b&gt;bold/);
      seenThrough.add(res.headers.get('x-served-by') ?? '');
    }
    deepEqual([...seenThrough].sort(), ['app1', 'app2']);
  });

  await check('a form without its token is refused', async () => {
    equal((await client.post('/posts', { token: 'guessed', text: 'no' })).status, 403);
  });

  await check('static files come from both members, joined with their own path', async () => {
    const seenFrom = new Set<string>();
    for (let i = 0; i < 4; i += 1) {
      const res = await fetch(`${url}/static/style.css`);
      equal(res.status, 200);
      match(res.headers.get('content-type') ?? '', /^text\/css/);
      match(await res.text(), /color-scheme/);
      seenFrom.add(res.headers.get('x-served-by') ?? '');
    }
    deepEqual([...seenFrom].sort(), ['static1', 'static2']);
    equal((await fetch(`${url}/static/media/style.css`)).status, 404);
  });

  const classic = createClient(`${url}/classic`);
  let classicHome = '';
  await check('the classic form is sticky by BALANCEID, for its own path', async () => {
    const res = await classic.post('/login', { name: 'bob', password: 'balancer' });
    equal(res.headers.get('location'), `${url}/classic/posts`);
    classicHome = res.headers.get('x-served-by') ?? '';
    const cookies = res.headers.getSetCookie();
    const route = cookies.find((cookie) => cookie.startsWith('BALANCEID=')) ?? '';
    match(route, new RegExp(`^BALANCEID=balancer\\.http${classicHome.slice(-1)}; Path=/classic/?;`));
    for (let i = 0; i < 6; i += 1)
      match(await classic.page('/posts', 200), new RegExp(`Served by ${classicHome} `));
  });

  await check('the excluded path is answered by the front', async () => {
    const res = await fetch(`${url}/classic/balancer-manager`, { redirect: 'manual' });
    equal(res.headers.get('x-served-by'), null);
    equal(res.headers.get('location'), '/balancer-manager/');
  });

  await check('the manager is behind the login, with the password of the console', async () => {
    const manager = `${url}/balancer-manager`;
    const logIn = (password: string) =>
      fetch(`${manager}/login`, {
        method: 'POST',
        body: new URLSearchParams({ name: 'ann', password }),
        redirect: 'manual',
      });
    equal(
      (await fetch(`${manager}/`, { redirect: 'manual' })).headers.get('location'),
      '/balancer-manager/login',
    );
    equal((await fetch(`${manager}/api/report`)).status, 403);
    equal((await logIn('balancer')).status, 403);
    const [, password = ''] = /password (\S+)$/.exec(await line(/^See and steer the balancers/)) ?? [];
    const res = await logIn(password);
    equal(res.status, 303);
    const cookie = res.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const page = await (await fetch(`${manager}/`, { headers: { cookie } })).text();
    for (const name of ['static-balancer', 'classic-balancer', 'app-balancer']) match(page, new RegExp(name));
  });

  await check('the metrics tell of every request', async () => {
    const metrics = await (await fetch(`${url}/metrics`)).text();
    match(metrics, /^balancer_requests_total\{balancer="app-balancer",code="2xx"\} [1-9]\d+$/m);
  });

  await check('a WebSocket reaches the backend of the session, and no one without it', async () => {
    const path = /data-socket="\.([^"]*)"/.exec(await client.page('/chat', 200))?.[1] ?? '';
    const socketUrl = `${url.replace('http', 'ws')}${path}`;
    const said = await talk(
      new WebSocket(socketUrl, { headers: { cookie: client.cookies() } }),
      'hello there',
    );
    deepEqual(said, [
      { from: home, text: 'ann came in; connections here: 1' },
      { from: 'ann', text: 'hello there' },
    ]);
    const [error] = (await once(new WebSocket(socketUrl), 'error')) as [Error];
    match(error.message, /403/);
  });

  await check('the console says who served what, and how', async () => {
    await line(new RegExp(`^POST +/login +303 +${home} .* ms$`));
    await line(new RegExp(`^GET +/posts +200 +${home} +sticky .* ms$`));
    await line(/^GET +\/static\/style\.css +200 +static[12] .* ms$/);
    await line(new RegExp(`^GET +/chat-socket +101 +${home} +sticky .* ms$`));
  });

  const other = home === 'app1' ? 'app2' : 'app1';

  await check('nobody makes a backend fail through the front', async () => {
    const trouble = new URLSearchParams({ failing: '1' });
    equal((await fetch(`${url}/trouble`, { method: 'POST', body: trouble })).status, 404);
    equal((await fetch(`${url}/`)).status, 200);
  });

  await check('a backend that fails loses its unbound visitors, and /why tells why', async () => {
    const trouble = (fields: Record<string, string>) =>
      fetch(`http://127.0.0.1:${processes[home]!.port}/trouble`, {
        method: 'POST',
        body: new URLSearchParams(fields),
      });
    const load = startLoad(`${url}/`);
    // What is sent again stays within a fifth of the requests lately.
    await load.after(300);
    equal(await (await trouble({ failing: '1' })).text(), '0 ms slower, 100 % fail\n');
    await line(new RegExp(`^GET +/ +200 +${other} .* ms  \\(${home} (?:500|UND_ERR_SOCKET|ECONNRESET)`));
    await line(new RegExp(`^app-balancer: ${home} ok -> E \\(ejected\\)$`));
    await line(new RegExp(`^app-balancer: ${home} is left alone for 5 s$`));
    const why = await (await fetch(`${url}/why`)).text();
    match(why, new RegExp(`^You would get ${other}: the method has chosen it`, 'm'));
    match(why, new RegExp(`^  ${other}: the method has chosen it \\(\\d+ ms, \\d+ under way.*\\)$`, 'm'));
    match(
      why,
      new RegExp(
        `^  ${home}: it is ejected .*, and is tried again in [1-5] s \\(\\d+ ms, \\d+ under way\\)$`,
        'm',
      ),
    );
    equal(await (await trouble({})).text(), '0 ms slower, 0 % fail\n');
    await line(new RegExp(`^app-balancer: ${home} E -> ok \\(recovered\\)$`));
    deepEqual((await load.stop()).faults, []);
  });

  const load = startLoad(`${url}/`);
  await load.after(100);

  await check('the death of a backend is told, and how to start it again', async () => {
    process.kill(processes[home]!.pid);
    const death = await line(new RegExp(`^${home} \\(pid ${processes[home]!.pid}\\) has ended: SIGTERM`));
    ok(death);
    await line(new RegExp(`backend -- ${home} ${processes[home]!.port}$`));
  });

  await check('a session whose backend is gone is lost, and gets a page', async () => {
    const page = await client.page('/', 200);
    match(page, new RegExp(`Served by ${other} `));
    match(page, /Your session is lost: you are logged out/);
    await line(new RegExp(`^GET +/ +200 +${other} +moved .* ms`));
  });

  await check('the console shows the attempt that failed', async () => {
    await line(new RegExp(`^GET +/ +200 +${other} .* ms  \\(${home} ECONN`));
  });

  await check('the classic form keeps the session where it was, with the front’s own 503', async () => {
    const route = `BALANCEID=balancer.http${home.slice(-1)}`;
    const ask = () => fetch(`${url}/classic/`, { headers: { cookie: route } });
    const res = await ask();
    equal(res.status, 503);
    match(res.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
    match(await res.text(), /Answered by the front/);
    const free = await fetch(`${url}/classic/`);
    equal(free.headers.get('x-served-by'), other);
  });

  await load.after(300);

  await check('a restarted backend is back by itself', async () => {
    const backend = start(postsFile, 'example-app/backend.ts', home, String(processes[home]!.port));
    await line(new RegExp(`^${home} on http://`));
    await load.until(home);
    equal(backend.exitCode, null);
    const page = await client.page('/', 200);
    match(page, new RegExp(`Served by ${home} `));
    match(page, /which has been started anew/);
    equal(
      (await client.post('/login', { name: 'ann', password: 'balancer' })).headers.get('x-served-by'),
      home,
    );
    match(await client.page('/posts', 200), /a &lt;b&gt;bold/);
  });

  await load.after(100);
  const { answered, faults } = await load.stop();
  await check(`none of ${answered} GETs failed meanwhile, one after the other and twenty at a time`, () => {
    deepEqual(faults, []);
    ok(answered > 500);
  });

  await check('logging out ends the session', async () => {
    const token = readToken(await client.page('/posts', 200));
    equal((await client.post('/logout', { token })).headers.get('location'), `${url}/`);
    equal(client.cookies(), '');
    match(await client.page('/', 200), /not sticky/);
  });

  await check('Ctrl-C ends every process; chats are told that their backend goes away', async () => {
    await client.post('/login', { name: 'ann', password: 'balancer' });
    const path = /data-socket="\.([^"]*)"/.exec(await client.page('/chat', 200))?.[1] ?? '';
    const chat = new WebSocket(`${url.replace('http', 'ws')}${path}`, {
      headers: { cookie: client.cookies() },
    });
    await once(chat, 'open');
    const gone = Promise.all([once(cluster, 'exit'), once(chat, 'close')]);
    cluster.kill('SIGINT');
    const [exit, closed] = await gone;
    deepEqual(exit, [0, null]);
    deepEqual(closed.map(String), ['1001', 'going away']);
    for (const { pid } of Object.values(processes)) ok(!isAlive(pid), `${pid} is alive`);
  });
}

async function tryDemo(): Promise<void> {
  const { code, output } = await run('example-app/demo.ts');
  const has = (pattern: RegExp): void => {
    ok(
      output.some((text) => pattern.test(text)),
      `no line is ${pattern}`,
    );
  };

  await check('the demonstration ends well, with no failed GET of a thousand and more', () => {
    equal(code, 0);
    const [, failures, gets = ''] = /^(\d+) failed GETs of ([\d,]+)$/.exec(output.at(-1) ?? '') ?? [];
    equal(failures, '0');
    ok(Number(gets.replaceAll(',', '')) > 1000, gets);
  });

  for (const promise of [
    'each backend gets a fifth or more of 800 GETs',
    'app1 gets less than a fifth of the last 400 GETs',
    'app2 is ejected',
    'carol stays for 40 GETs, and nobody else is sent there',
    'carol logs out, and the drain resolves: it serves nothing',
    'app4 begins with less, and comes to most of the last 200 GETs',
    'app1 is out',
    'app1 is back by itself',
    'the next 100 GETs are answered by the others',
    'nobody is out, each gets 5 % or more of the last 400 GETs',
  ]) {
    await check(`the demonstration shows: ${promise}`, () => {
      has(new RegExp(`^ *[\\d.]+ s  ✓ ${promise}`));
    });
  }

  await check('its console tells why each went where it went', () => {
    has(/GET \/posts\/\d+ → app[12] \(the session of (?:ann|bob) lives there\)/);
    has(
      /GET \/posts\/\d+ → app[123] \(byresponsetime: app1 \d+ ms ×\d+, app2 \d+ ms ×\d+, app3 \d+ ms ×\d+\)/,
    );
    has(/GET \/posts\/\d+ → app[13] \(byresponsetime: .*; app2 ejected \d\.\d s\)/);
    has(/GET \/posts\/\d+ → app[13] \(app2 (?:answered 500|broke off).*, so app[13] was asked\)/);
    has(/app2 is ejected: it answers, but badly; a request tries it in 1 s/);
    has(/app3 drains: sessions stay, others go elsewhere/);
    has(/GET \/posts\/\d+ → app3 \(the session of carol lives there; it drains/);
    has(/app1 (?:is in error: it does not answer|fails its health checks)/);
    has(/app1 is back: /);
    has(/✓ nobody is out, .*: app1 \d+ %, app2 \d+ %, app3 \d+ %, app4 \d+ %$/);
    has(/app4 is added; it starts slowly/);
    has(/app3 is removed: nobody is sent there any more/);
    has(/app3 is added; it starts slowly/);
  });

  await check('its lines stand in the order of their times', () => {
    const times = output.flatMap((text) => /^ *([\d.]+) s {2}/.exec(text)?.[1] ?? []).map(Number);
    deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
  });

  await check('of failovers that are alike it tells of a few in each step', () => {
    const pattern = /\((app\d .*, (?:so app\d was asked|and was asked again on a new connection))\)$/;
    let step = '';
    const kinds = output.flatMap((text) => {
      if (/^\d\. /.test(text)) step = text;
      const kind = pattern.exec(text)?.[1];
      return kind === undefined ? [] : [`${step} ${kind}`];
    });
    ok(kinds.length > 0);
    // Two that are over in the step, and two that are over in the next one.
    for (const kind of kinds) ok(kinds.filter((each) => each === kind).length <= 4, kind);
  });

  await check('each step counts the same in its summary and in the table', () => {
    const counts = output.flatMap((text) => /^ *[\d.]+ s {2}(\d+) GETs in /.exec(text)?.[1] ?? []);
    const rows = output.slice(output.findIndex((text) => /^ +GETs +median/.test(text)) + 1);
    deepEqual(
      rows.flatMap((text) => /^\w.{15} +(\d+) +(?:\d+ ms|–) /.exec(text)?.[1] ?? []),
      counts,
    );
    equal(counts.length, 7);
  });

  await check('its lines fit a console of 120 columns, and have no colours in a file', () => {
    deepEqual(
      output.filter((text) => text.length > 120 || text.includes('\u001b') || text.endsWith('…')),
      [],
    );
  });
}

async function tryServe(): Promise<void> {
  const usualPorts = { static1: 3001, static2: 3002, app1: 4001, app2: 4002 };
  let conf = await readFile(join(import.meta.dirname, '../example-app/httpd.conf'), 'utf8');
  const backends: Record<string, ReturnType<typeof start>> = {};
  for (const [name, usualPort] of Object.entries(usualPorts)) {
    const backend = start(postsFile, 'example-app/backend.ts', name);
    backends[name] = backend;
    conf = conf.replaceAll(`:${usualPort}/`, `:${await readPort(backend.stdout, `^${name} on`)}/`);
  }
  const file = join(directory, 'httpd.conf');
  await writeFile(file, conf);
  const server = serve(file);
  const log = text(server.stdout);
  const url = `http://127.0.0.1:${await readPort(server.stderr, '^listening on')}`;
  const client = createClient(url);
  let home = '';

  await check('httpd.conf is served as it is: pages, static files, the manager, nothing else', async () => {
    match(await client.page('/', 200), /Served by app[12] on 127\.0\.0\.1:\d+, not sticky/);
    match(await client.page('/static/style.css', 200), /color-scheme/);
    match(await client.page('/balancer-manager/', 200), /classic-balancer/);
    await client.page('/classic/balancer-manager', 404);
  });

  await check('its logins are sticky by routeregex', async () => {
    const res = await client.post('/login', { name: 'ann', password: 'balancer' });
    equal(res.headers.get('location'), `${url}/posts`);
    home = /^sessionid=[\w-]+!(app[12])$/.exec(client.cookies())?.[1] ?? '';
    for (let i = 0; i < 6; i += 1)
      match(await client.page('/posts', 200), new RegExp(`Served by ${home} .*, sticky`));
  });

  await check('when their backend is gone, the other one answers', async () => {
    const gone = once(backends[home]!, 'exit');
    backends[home]!.kill();
    await gone;
    match(await client.page('/', 200), /Your session is lost: you are logged out/);
  });

  await check('SIGTERM ends it, and its log has told why each went where it went', async () => {
    const gone = once(server, 'exit');
    server.kill('SIGTERM');
    deepEqual(await gone, [0, null]);
    match(await log, new RegExp(` /posts 200 .* member=${home} why="bound by sessionid to route ${home}"\n`));
    match(await log, new RegExp(` / 200 .* why="route ${home} is not usable: .*; after ${home} \\(`));
  });
}

async function check(promise: string, test: () => unknown): Promise<void> {
  try {
    await test();
    passed += 1;
    console.log(`  ok      ${promise}`);
  } catch (error) {
    failed += 1;
    console.log(`  FAILED  ${promise}`);
    console.error(error);
  }
}

async function finish(): Promise<never> {
  killAll();
  await rm(directory, { recursive: true, force: true });
  console.log(`${passed} passed, ${failed} failed`);
  if (leftOut !== undefined) console.log(leftOut);
  process.exit(failed === 0 ? 0 : 1);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
