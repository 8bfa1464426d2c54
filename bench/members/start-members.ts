import { join } from 'node:path';
import { askVersion } from '../peers/version.ts';
import type { Running } from '../rig/running.ts';
import { startProcess } from '../rig/start-process.ts';
import { findFreePorts } from './free-ports.ts';
import { startNginxMembers } from './nginx-members.ts';

/**
 * - `web`: answers any path with `ok`, `/10k`, `/10m` and `/100m` with that much; reads the body of a POST (of some KiB) first.
 * - `uploads`: reads a body of any length, drops it, and answers `ok`.
 * - `echo`: a WebSocket that sends each message back.
 * - `closed`: refuses connections. `resetting`: accepts them, and resets them at the first byte.
 */
export type MemberKind = 'web' | 'uploads' | 'echo' | 'closed' | 'resetting';

/** Backends of one kind. */
export type Members = Readonly<{
  origins: readonly string[];
  /** `nginx` or `Node`, for the report. */
  by: string;
  stop(): Promise<void>;
}>;

/** Starts backends on ports of their own, in one process on the cores of the others; they cost much less than a proxy. */
export async function startMembers({
  kind,
  count,
}: Readonly<{ kind: MemberKind; count: number }>): Promise<Members> {
  for (let trial = 1; ; trial += 1) {
    const ports = await findFreePorts(count);
    try {
      const { by, stop } = await startKind(kind, ports);
      return { origins: ports.map((port) => `http://127.0.0.1:${port}`), by, stop };
    } catch (error) {
      // Somebody may have taken a port in between.
      if (trial === 3) throw error;
    }
  }
}

async function startKind(
  kind: MemberKind,
  ports: readonly number[],
): Promise<Readonly<{ by: string; stop(): Promise<void> }>> {
  switch (kind) {
    case 'closed':
      return { by: 'nobody', stop: () => Promise.resolve() };
    case 'web':
      if (askVersion('nginx', '-v') !== undefined)
        return { by: 'nginx', ...pickStop(await startNginxMembers(ports)) };
      return { by: 'Node', ...pickStop(await startNodeMembers('web', ports)) };
    // Of nginx only a file or a further proxy would read a long body to its end.
    case 'uploads':
      return { by: 'Node', ...pickStop(await startNodeMembers('web', ports)) };
    case 'echo':
    case 'resetting':
      return { by: 'Node', ...pickStop(await startNodeMembers(kind, ports)) };
  }
}

function startNodeMembers(program: string, ports: readonly number[]): Promise<Running> {
  return startProcess({
    name: `members (${program})`,
    command: process.execPath,
    args: [join(import.meta.dirname, 'programs', `${program}.ts`), ports.join()],
    side: 'other',
  });
}

const pickStop = ({ stop }: Running): Pick<Running, 'stop'> => ({ stop });
