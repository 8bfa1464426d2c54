import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A redis-server that keeps nothing on the disk. */
export type Server = Readonly<{ url: string; stop(): Promise<void> }>;

/** Starts one on a free port; undefined where there is none. */
export async function startServer(): Promise<Server | undefined> {
  for (;;) {
    // Below those that the system gives to outgoing connections.
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    const child = spawn(process.env['REDIS_SERVER'] ?? 'redis-server', args, {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const kill = (): void => void child.kill('SIGKILL');
    process.once('exit', kill);
    const { promise, resolve } = Promise.withResolvers<'ready' | 'missing' | 'ended'>();
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('Ready to accept connections')) resolve('ready');
    });
    child.once('error', () => {
      resolve('missing');
    });
    child.once('exit', () => {
      resolve('ended');
    });
    const became = await promise;
    if (became === 'missing') return undefined;
    if (became === 'ready') {
      return {
        url: `redis://127.0.0.1:${port}`,
        async stop() {
          const gone = once(child, 'exit');
          kill();
          await gone;
          process.off('exit', kill);
        },
      };
    }
    process.off('exit', kill);
    if (!said.includes('Address already in use')) throw new Error(`redis-server does not start: ${said}`);
  }
}
