import type { ServerResponse } from 'node:http';
import type { BalancerEvents } from '../../src/events.ts';
import { startBackend, type Backend } from './backend.ts';
import type { Front } from './front.ts';
import { until } from './idle.ts';

/** A backend that answers health checks at `/health` as it is told to, and everything else with its name. */
export type Checked = Backend & {
  /** What it answers to checks: a status, with a text or without; or nothing, for ever. */
  health: number | readonly [status: number, text: string] | 'hangs';
  /** The responses of checks that it leaves without an answer. */
  readonly hanging: ServerResponse[];
  /** How often it was asked for its health. */
  checks(): number;
  /** Resolves when it was asked for it so many times more. */
  untilChecked(more?: number): Promise<void>;
  /** Requests that were no checks, as `GET /path`. */
  traffic(): readonly string[];
};

/** Starts a backend that is healthy at first. */
export async function startChecked(name: string): Promise<Checked> {
  const hanging: ServerResponse[] = [];
  const backend = await startBackend(name, (req, res) => {
    const { health } = checked;
    if (req.url !== '/health') res.setHeader('X-Backend', name).end(name);
    else if (health === 'hangs') hanging.push(res);
    else if (typeof health === 'number') res.writeHead(health).end();
    else res.writeHead(health[0]).end(health[1]);
  });
  const checks = (): number => backend.received.filter(({ url }) => url === '/health').length;
  const checked: Checked = Object.assign(backend, {
    health: 200,
    hanging,
    checks,
    async untilChecked(more = 1) {
      const before = checks();
      await until(() => checks() >= before + more);
    },
    traffic: () => backend.begun.filter((line) => !line.endsWith(' /health')),
  });
  return checked;
}

/** What a balancer tells of its members' states. */
export type StateLog = Readonly<{
  /** `a: ok -> C, checks-failed` of each event, in order. */
  lines(): readonly string[];
  /** Resolves when this was told, once more than before the call. */
  untilTold(line: string): Promise<void>;
}>;

/** Listens to the states of a front's members from now on. */
export function watchStates({ balancer }: Pick<Front, 'balancer'>): StateLog {
  const lines: string[] = [];
  balancer.on('state', ({ member, from, to, cause }: BalancerEvents['state']) => {
    lines.push(`${member}: ${from || 'ok'} -> ${to || 'ok'}, ${cause}`);
  });
  const count = (line: string): number => lines.filter((each) => each === line).length;
  return {
    lines: () => lines,
    async untilTold(line) {
      const before = count(line);
      await until(() => count(line) > before);
    },
  };
}
