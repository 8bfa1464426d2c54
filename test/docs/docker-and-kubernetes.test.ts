import { createServer, type Server } from 'node:http';
import { execFileSync } from 'node:child_process';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import express from 'express';
import { parseAllDocuments } from 'yaml';
import { createBalancer, type Balancer } from '../../src/index.ts';
import { listen, startBackend, stopBackends, type Backend } from '../support/backend.ts';
import { startDnsServer, type DnsServer } from '../support/dns-server.ts';
import { openGuide } from '../support/guide.ts';
import { until } from '../support/idle.ts';
import { requestTarget } from '../support/request-target.ts';

const guide = openGuide('docs/docker-and-kubernetes.md');
const [compose = [], manifests = []] = guide
  .findSnippets('yaml')
  .map(({ code }): readonly Manifest[] =>
    parseAllDocuments(code).map((document) => document.toJS() as Manifest),
  );
const name = 'app.default.svc.cluster.local';
let dns: DnsServer;

beforeEach(async () => {
  dns = await startDnsServer();
});
afterEach(async () => {
  await guide.close();
  await Promise.all([stopBackends(), dns.stop()]);
});
afterAll(guide.expectAllRun);

/** What is looked at of a file in YAML. */
type Manifest = Readonly<{
  kind?: string;
  metadata?: Readonly<{ name: string }>;
  services?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  spec?: Readonly<Record<string, unknown>>;
}>;

/** Replicas of the app at one port, each at an address of its own, which they answer with. */
async function startReplicas(...hosts: readonly string[]): Promise<readonly Backend[]> {
  const replicas: Backend[] = [];
  for (const host of hosts) {
    const received: Backend['received'] = [];
    const server = createServer((req, res) => {
      received.push({
        method: req.method!,
        url: req.url!,
        headers: req.headers,
      } as Backend['received'][number]);
      res.end(host);
    });
    replicas.push(await listen(server, received, () => 0, { host, port: replicas[0]?.port ?? 0 }));
  }
  return replicas;
}

function tell(...records: readonly string[]): void {
  dns.set('A', name, { ttl: 1, records });
}

/** The front of the page, as in a container. `stop` is what SIGTERM is. */
async function startFront(url: string) {
  const handlers: (() => Promise<void>)[] = [];
  const fake = {
    env: { APP_URL: url, PORT: '0' },
    once: (_signal: 'SIGTERM', handler: () => Promise<void>) => handlers.push(handler),
  };
  const { server, balancer } = guide.run('The front', 0, {
    names: { process: fake },
    replace: { "name: 'app',": `name: 'app', resolver: '${dns.address}',` },
    wanted: ['server', 'balancer'],
  });
  const port = await guide.keep(server as Server);
  return {
    port,
    server: server as Server,
    balancer: balancer as Balancer,
    ask: async () => (await requestTarget(port, '/cart')).body,
    stop: () => handlers[0]!(),
  };
}

describe('the front', () => {
  test('makes a member of each address, and follows DNS up and down', async () => {
    const [first] = await startReplicas('127.0.0.1', '127.0.0.2', '127.0.0.3');
    tell('127.0.0.1', '127.0.0.2');
    const { ask, balancer } = await startFront(`http://${name}:${first!.port}/`);
    expect([await ask(), await ask()].toSorted()).toEqual(['127.0.0.1', '127.0.0.2']);
    tell('127.0.0.2', '127.0.0.3');
    await until(() => balancer.view().some(({ url }) => url.includes('127.0.0.3')));
    expect([await ask(), await ask()].toSorted()).toEqual(['127.0.0.2', '127.0.0.3']);
    expect(balancer.view().map(({ route }) => route)).toEqual(
      Array(2).fill(expect.stringMatching(/^app-\w{6}$/)),
    );
  });

  test('asks for the whole name as it is written', async () => {
    const [first] = await startReplicas('127.0.0.1');
    tell('127.0.0.1');
    const { ask } = await startFront(`http://${name}:${first!.port}/`);
    expect(await ask()).toBe('127.0.0.1');
    expect(new Set(dns.asked)).toEqual(new Set([`A ${name}`, `AAAA ${name}`]));
  });

  test('is healthy while no member is', async () => {
    const { port } = await startFront(`http://${name}:9/`);
    const [health, page] = [await requestTarget(port, '/front/healthz'), await requestTarget(port, '/')];
    expect([health.status, health.body, page.status]).toEqual([200, 'ok\n', 503]);
  });

  test('checks members where the page says', async () => {
    const [first] = await startReplicas('127.0.0.1');
    tell('127.0.0.1');
    await startFront(`http://${name}:${first!.port}/`);
    await until(() => first!.received.length > 0);
    expect(first!.received[0]!.url).toBe('/healthz');
  });

  test('SIGTERM lets what is under way end, and takes no more', async () => {
    let answer = (): void => undefined;
    const slow = await startBackend('slow', ({ url }, res) => {
      if (url === '/healthz') res.end('ok');
      else answer = () => res.end('at last');
    });
    tell('127.0.0.1');
    const { port, stop, server } = await startFront(`http://${name}:${slow.port}/`);
    const asked = requestTarget(port, '/cart');
    await until(() => slow.begun.includes('GET /cart'));
    const stopped = stop();
    await expect(requestTarget(port, '/other')).rejects.toThrow('ECONNREFUSED');
    answer();
    expect((await asked).body).toBe('at last');
    await stopped;
    expect(server.listening).toBe(false);
  });
});

test('SRV records tell the port, under the name that the page writes', async () => {
  const replicas = [await startBackend('one'), await startBackend('two')];
  const srv = replicas.map(({ port }, i) => ({ priority: 0, weight: 100, port, target: `pod-${i}.${name}` }));
  dns.set('SRV', `_http._tcp.${name}`, { ttl: 5, srv });
  for (const { target } of srv) dns.set('A', target, { ttl: 5, records: ['127.0.0.1'] });
  const url = `http://_http._tcp.${name}/`;
  expect(guide.text).toContain(url);
  const balancer = createBalancer({
    logger: false,
    resolver: dns.address,
    members: [{ url, resolve: 'SRV' }],
  });
  const app = express();
  app.use(balancer);
  const ask = await guide.serve(app);
  expect([(await ask('/')).body, (await ask('/')).body].toSorted()).toEqual(['one', 'two']);
  await balancer.close();
});

test('behind an ingress the client is the one that it tells of', async () => {
  const backend = await startBackend();
  const app = express();
  guide.run('Behind an ingress', 0, { names: { app } });
  const balancer = createBalancer({ members: [backend.url], routeCookie: false });
  app.use(balancer);
  const ask = await guide.serve(app);
  await ask('/', { headers: { 'X-Forwarded-For': '9.9.9.9, 192.0.2.7', 'X-Forwarded-Proto': 'https' } });
  const { headers } = backend.received[0]!;
  expect(headers['x-forwarded-for']).toMatch(/192\.0\.2\.7, 127\.0\.0\.1$/);
  expect(headers['x-forwarded-proto']).toBe('https');
  await balancer.close();
});

describe('the files', () => {
  const code = guide.findSnippet('The front');
  const graceSeconds = Number(/grace: '(\d+)s'/.exec(code)?.[1]);

  /** A value somewhere in a manifest. */
  function dig(value: unknown, ...path: readonly (string | number)[]): unknown {
    return path.reduce<unknown>((each, key) => (each as Record<string | number, unknown>)[key], value);
  }

  function find(kind: string, called: string): Manifest {
    return manifests.find((each) => each.kind === kind && each.metadata?.name === called)!;
  }

  test('Compose lets the front end, and asks for the service by its name', () => {
    const { front, app } = compose[0]!.services!;
    expect(dig(front, 'environment', 'APP_URL')).toBe('http://app:3000/');
    expect(code).toContain("'http://app:3000/'");
    expect(parseInt(String(front!['stop_grace_period']), 10)).toBeGreaterThan(graceSeconds);
    expect(dig(app, 'deploy', 'replicas')).toBe(3);
  });

  test('Kubernetes: the members’ Service is headless, with a named port that the front asks for', () => {
    const { spec } = find('Service', 'app');
    const pod = dig(find('Deployment', 'front'), 'spec', 'template', 'spec', 'containers', 0);
    expect(spec).toMatchObject({ clusterIP: 'None', ports: [{ name: 'http', port: 3000 }] });
    expect(dig(pod, 'env', 0)).toEqual({ name: 'APP_URL', value: `http://${name}:3000/` });
  });

  test('Kubernetes: selectors fit labels, ports fit, and probes ask for a path that the front has', () => {
    const { spec } = find('Deployment', 'front');
    const labels = dig(spec, 'template', 'metadata', 'labels');
    expect([dig(spec, 'selector', 'matchLabels'), dig(find('Service', 'front'), 'spec', 'selector')]).toEqual(
      [labels, labels],
    );
    const pod = dig(spec, 'template', 'spec', 'containers', 0);
    const port = dig(find('Service', 'front'), 'spec', 'ports', 0, 'targetPort');
    expect(dig(pod, 'ports', 0, 'containerPort')).toBe(port);
    expect(code).toContain(`?? ${String(port)})`);
    for (const probe of ['readinessProbe', 'livenessProbe']) {
      expect(dig(pod, probe, 'httpGet', 'port')).toBe(port);
      expect(code).toContain(`'${String(dig(pod, probe, 'httpGet', 'path'))}'`);
    }
  });

  test('Kubernetes waits for preStop and the grace before it kills', () => {
    const pod = dig(find('Deployment', 'front'), 'spec', 'template', 'spec');
    const sleep = Number(dig(pod, 'containers', 0, 'lifecycle', 'preStop', 'exec', 'command', 1));
    expect(Number(dig(pod, 'terminationGracePeriodSeconds'))).toBeGreaterThan(sleep + graceSeconds);
  });

  test('the Dockerfile runs Node itself, as nobody in particular', () => {
    const { code: dockerfile } = guide.findSnippets('dockerfile')[0]!;
    const words = dockerfile
      .trim()
      .split('\n')
      .map((line) => line.split(' ')[0]);
    expect(words).toEqual(['FROM', 'ENV', 'WORKDIR', 'COPY', 'RUN', 'COPY', 'USER', 'EXPOSE', 'CMD']);
    const command = JSON.parse(/^CMD (.*)$/m.exec(dockerfile)![1]!) as readonly string[];
    expect(command).toEqual(['node', 'front.ts']);
    expect(dockerfile).toMatch(/^USER node$/m);
  });

  test('the lines of shell are shell', () => {
    for (const { code: script } of guide.findSnippets('sh')) execFileSync('sh', ['-n'], { input: script });
  });
});
