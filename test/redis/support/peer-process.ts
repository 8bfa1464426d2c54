import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A process of its own that shares, so that it can be killed. */
export type PeerProcess = Readonly<{ name: string; kill(): Promise<void> }>;

/** Starts one, and waits until it has a lease. */
export async function startPeerProcess(url: string, lease: string): Promise<PeerProcess> {
  const file = new URL('peer-process-main.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [file, url, lease], { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = once(child, 'close');
  const killNow = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', killNow);
  const lines = createInterface(child.stdout);
  const [name] = (await Promise.race([once(lines, 'line'), gone])) as [unknown];
  if (typeof name !== 'string') throw new Error('the process has ended');
  return {
    name,
    async kill() {
      killNow();
      await gone;
      process.off('exit', killNow);
    },
  };
}
