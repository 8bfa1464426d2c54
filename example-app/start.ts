// The whole cluster: a front with its balancers, two static backends, two application backends; a process each.
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { choosePort, startBackends } from './cluster/backends.ts';
import { introduce, restartCommand } from './cluster/introduction.ts';
import { demandPorts, isBackendName, type ProcessName } from './cluster/ports.ts';
import { endChild, startChild, type Child } from './cluster/start-child.ts';
import { postsFile } from './site/posts.ts';

const children: Child[] = [];
let ending = false;

process.once('SIGINT', () => void end(0));
process.once('SIGTERM', () => void end(0));

try {
  await rm(postsFile, { force: true });
  const backends = await startBackends(watch);
  const ports = new Map<ProcessName, number>(backends.map((child) => [child.name, child.port]));
  ports.set('front', await choosePort('front'));
  const password = randomBytes(9).toString('base64url');
  const environment = { ...demandPorts(ports), MANAGER_PASSWORD: password };
  const front = watch(await startChild('front', 'front.ts', [], environment));
  console.log(introduce(front, backends, password));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  await end(1);
}

function watch(child: Child): Child {
  children.push(child);
  child.process.once('exit', (code, signal) => {
    if (!ending) report(child, signal ?? `exit code ${code ?? 'unknown'}`);
  });
  return child;
}

function report({ name, pid, port }: Child, how: string): void {
  console.log(`\n${name} (pid ${pid}) has ended: ${how}`);
  if (isBackendName(name)) console.log(`Start it again with: ${restartCommand(name, port)}\n`);
  else void end(1);
}

/** The front first: what it has begun needs the backends. */
async function end(code: number): Promise<void> {
  if (ending) return;
  ending = true;
  const front = children.find(({ name }) => name === 'front');
  if (front) await endChild(front.process);
  await Promise.all(children.map((child) => endChild(child.process)));
  process.exit(code);
}
