// redis-server for the cluster: on any free port of this machine, with nothing kept; it ends with this process.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { followParent, type Ready } from './child.ts';
import { findFreePort } from './free-port.ts';
import { redisCommand } from './redis.ts';

/** Sooner than this process is killed, which could not end it any more. */
const graceMs = 2_000;

followParent();

const directory = mkdtempSync(join(tmpdir(), 'forum-redis-'));
const port = await findFreePort();
const [program, ...args] = redisCommand(port);
const server = spawn(program, [...args, '--dir', directory], {
  stdio: ['ignore', 'pipe', 'inherit'],
  // Ctrl-C reaches the whole terminal: the workers end first.
  detached: true,
});
process.once('exit', () => {
  server.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});
process.once('SIGTERM', () => {
  server.kill('SIGTERM');
  setTimeout(() => server.kill('SIGKILL'), graceMs);
});
server.once('error', (error) => {
  console.error(error.message);
});
createInterface({ input: server.stdout }).on('line', (line) => {
  if (/Ready to accept connections/.test(line)) {
    process.send?.({ port, pid: server.pid ?? 0 } satisfies Ready);
  }
});

await once(server, 'close');
process.exit();
