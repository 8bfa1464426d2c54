import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, test } from '@jest/globals';

const executable = process.env['HTTPD'] ?? '/usr/sbin/apache2';
const modules = process.env['HTTPD_MODULES'] ?? '/usr/lib/apache2/modules';
const isThere = existsSync(executable) && existsSync(modules);

/** What is loaded where it is a file; the others are part of the program, or cannot be asked for. */
const loaded = [
  'mpm_event',
  'unixd',
  'authn_core',
  'authz_core',
  'authz_host',
  'access_compat',
  'version',
  'log_config',
  'env',
  'setenvif',
  'headers',
  'rewrite',
  'slotmem_shm',
  'proxy',
  'proxy_http',
  'proxy_balancer',
  'lbmethod_byrequests',
  'lbmethod_bytraffic',
  'lbmethod_bybusyness',
];

/** Groups tests that need a real httpd. Where there is none they are skipped, by name; not so in CI. */
export function describeWithHttpd(name: string, tests: () => void): void {
  if (!isThere && process.env['CI'] !== 'true') {
    console.warn(
      `Left out: "${name}". There is no httpd at ${executable}, or no modules at ${modules}: install it ` +
        '(Debian: apt-get install apache2-bin), or say by HTTPD=/path/to/it and HTTPD_MODULES=/path/to/modules where it is.',
    );
    test.skip(name, () => undefined);
    return;
  }
  describe(name, () => {
    afterAll(stopHttpds);
    tests();
  });
}

/** A real httpd with a configuration of a test. */
export type Httpd = Readonly<{
  port: number;
  /** What it has written to its error log so far. */
  log(): string;
  stop(): Promise<void>;
}>;

const running = new Set<Httpd>();

/** Stops every httpd that a test has started. */
export async function stopHttpds(): Promise<void> {
  await Promise.all([...running].map((httpd) => httpd.stop()));
}

/** Starts a httpd that listens on a free port, which `write` is told. Fails with its own words where it does not start. */
export async function startHttpd(write: (port: number) => string): Promise<Httpd> {
  for (;;) {
    const port = choosePort();
    const started = await tryToStart(port, write(port));
    if (typeof started !== 'string') return started;
    // Somebody else has the port.
    if (!started.includes('AH00072')) throw new Error(`httpd does not start: ${started}`);
  }
}

/** Whether httpd starts with a configuration; where not, what it says. */
export async function refusalOf(text: string): Promise<string | undefined> {
  const folder = makeFolder(choosePort(), text);
  const child = spawn(executable, [...argumentsFor(folder), '-t'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  rmSync(folder, { recursive: true });
  return code === 0 ? undefined : said;
}

async function tryToStart(port: number, text: string): Promise<Httpd | string> {
  const folder = makeFolder(port, text);
  // In a group of its own, so that its children can be ended with it whatever happens.
  const child = spawn(executable, [...argumentsFor(folder), '-DFOREGROUND'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const killGroup = (): void => {
    endGroup(child, 'SIGKILL');
  };
  process.once('exit', killGroup);
  const gone = once(child, 'close');
  let said = '';
  const ready = new Promise<boolean>((resolve) => {
    const listen = (chunk: Buffer): void => {
      said += chunk.toString();
      // The port is bound before this line is written.
      if (said.includes('resuming normal operations')) resolve(true);
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    void gone.then(() => {
      resolve(false);
    });
  });
  const clear = (): void => {
    process.off('exit', killGroup);
    rmSync(folder, { recursive: true });
  };
  if (!(await ready)) {
    clear();
    return said;
  }
  const httpd: Httpd = {
    port,
    log: () => said,
    async stop() {
      if (!running.delete(httpd)) return;
      child.kill('SIGTERM');
      const impatience = setTimeout(killGroup, 5_000);
      await gone;
      clearTimeout(impatience);
      clear();
    },
  };
  running.add(httpd);
  return httpd;
}

function argumentsFor(folder: string): string[] {
  return ['-d', folder, '-f', join(folder, 'main.conf')];
}

function makeFolder(port: number, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'httpd-'));
  // Its workers are nobody, and look for files here.
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, 'main.conf'), writeMain(folder, port));
  writeFileSync(join(folder, 'httpd.conf'), text);
  return folder;
}

/** What has nothing to do with proxying, and the configuration itself as a file of its own, so that its lines count from 1. */
function writeMain(folder: string, port: number): string {
  const files = loaded.map((name) => [name, join(modules, `mod_${name}.so`)] as const);
  return [
    ...files
      .filter(([, file]) => existsSync(file))
      .map(([name, file]) => `LoadModule ${name}_module ${file}`),
    `Listen 127.0.0.1:${port}`,
    'PidFile pid',
    'DefaultRuntimeDir .',
    // Not to standard error: what Node gives there cannot be opened by its name.
    'ErrorLog "|/bin/cat"',
    'LogLevel notice proxy:info',
    'ServerName httpd.example',
    'DocumentRoot .',
    'StartServers 1',
    'ServerLimit 1',
    'ThreadsPerChild 16',
    'ThreadLimit 16',
    'MaxRequestWorkers 16',
    'MinSpareThreads 1',
    'MaxSpareThreads 16',
    // Numbers are there on every system; as root it may not serve.
    ...(process.getuid?.() === 0 ? ['User #65534', 'Group #65534'] : []),
    `Include ${join(folder, 'httpd.conf')}`,
    '',
  ].join('\n');
}

function endGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // It is gone.
  }
}

/** Below those that the system gives to outgoing connections. */
function choosePort(): number {
  return 10_000 + Math.floor(Math.random() * 20_000);
}
