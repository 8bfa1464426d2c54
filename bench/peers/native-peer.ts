import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '../rig/free-port.ts';
import type { Running } from '../rig/running.ts';
import { startProcess, type Order } from '../rig/start-process.ts';

/** A server that reads a file, and listens where that says. */
export type Configured = Readonly<{
  name: string;
  command: string;
  /** Text of the file; the folder is a new one, of which it may use what it likes. */
  write(port: number, folder: string): string;
  args(file: string, folder: string): readonly string[];
  /** By default a free one. */
  port?: number;
  side?: Order['side'];
}>;

/** Starts it with a folder of its own, which is gone after it. */
export async function startConfigured(server: Configured): Promise<Running> {
  const port = server.port ?? (await findFreePort());
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  // Workers that are nobody look for their files here.
  chmodSync(folder, 0o755);
  const file = join(folder, 'server.conf');
  writeFileSync(file, server.write(port, folder));
  return startProcess({
    name: server.name,
    command: server.command,
    args: server.args(file, folder),
    port,
    ...(server.side && { side: server.side }),
    env: { PATH: searchPath },
    cleanUp: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  });
}

/** Debian's servers are in sbin, which users other than root have not in their path. */
export const searchPath = `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/local/sbin`;
