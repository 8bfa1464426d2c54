import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, test } from '@jest/globals';

const executable = process.env['NGINX'] ?? '/usr/sbin/nginx';
const running = new Set<() => Promise<void>>();

/** Groups tests that need a real nginx. Where there is none they are skipped, by name; not so in CI. */
export function describeWithNginx(name: string, tests: () => void): void {
  if (!existsSync(executable) && process.env['CI'] !== 'true') {
    console.warn(
      `Left out: "${name}". There is no nginx at ${executable}: install it (Debian: apt-get install nginx-light).`,
    );
    test.skip(name, () => undefined);
    return;
  }
  describe(name, () => {
    afterAll(stopNginxes);
    tests();
  });
}

/** What `nginx -t` has to say of a configuration; empty: nothing. */
export function checkNginx(conf: string): string {
  return withFile(conf, (args) => {
    const { status, stderr } = spawnSync(executable, [...args, '-t', '-q'], { encoding: 'utf8' });
    return status === 0 ? '' : stderr;
  });
}

/** Starts nginx with a configuration that is to listen at `port`, and waits until it does. */
export async function startNginx(conf: string, port: number): Promise<() => Promise<void>> {
  const folder = makeFolder();
  const child = spawn(executable, writeFile(folder, conf), { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = once(child, 'exit');
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const stop = async (): Promise<void> => {
    running.delete(stop);
    child.kill('SIGTERM');
    await exited;
    rmSync(folder, { recursive: true });
  };
  running.add(stop);
  while (!(await isOpen(port))) if (child.exitCode !== null) throw new Error(`nginx has ended: ${said}`);
  return stop;
}

export async function stopNginxes(): Promise<void> {
  await Promise.all([...running].map((stop) => stop()));
}

function withFile<T>(conf: string, use: (args: readonly string[]) => T): T {
  const folder = makeFolder();
  try {
    return use(writeFile(folder, conf));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'nginx-'));
  // Workers that are nobody look for their files here.
  chmodSync(folder, 0o755);
  return folder;
}

function writeFile(folder: string, conf: string): readonly string[] {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const frame = `daemon off;\nworker_processes 1;\npid ${folder}/pid;\n`;
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, frame + conf.replace('http {', `http {\naccess_log off;\n${temporary.join('\n')}`));
  return ['-e', 'stderr', '-p', folder, '-c', file];
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
