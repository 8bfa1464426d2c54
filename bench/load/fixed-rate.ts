import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bindCommand } from '../rig/cores.ts';
import type { RateFigures, RatePlan } from './rate-run.ts';

/** What is asked at a fixed rate. */
export type RateOptions = Readonly<{
  perSecond: number;
  durationMs: number;
  /** 64 by default. */
  connections?: number;
  /** `/` by default. */
  path?: string;
  /** GET by default, POST where there is a body. */
  method?: string;
  body?: Buffer;
  headers?: Readonly<Record<string, string>>;
}>;

const warmUpMs = 500;
const patienceMs = 5_000;
/** Until the program has started and after it has ended. */
const spareMs = 10_000;

/** How long answers take at a rate, each counted from when its request was due. */
export async function measureAtRate(port: number, options: RateOptions): Promise<RateFigures> {
  const { perSecond, durationMs, connections = 64 } = options;
  const plan: Omit<RatePlan, 'request'> = {
    port,
    perSecond,
    durationMs,
    warmUpMs,
    connections,
    patienceMs,
  };
  const order = JSON.stringify({ ...plan, request: writeRequest(port, options).toString('base64') });
  const program = join(import.meta.dirname, 'programs', 'fixed-rate.ts');
  const [command, args] = bindCommand('other', process.execPath, [program, order]);
  const { stdout } = await promisify(execFile)(command, args, {
    timeout: warmUpMs + durationMs + patienceMs + spareMs,
  });
  return JSON.parse(stdout) as RateFigures;
}

/** The request as it goes over the wire, each time the same. */
export function writeRequest(
  port: number,
  {
    path = '/',
    body,
    method = body ? 'POST' : 'GET',
    headers = {},
  }: Omit<RateOptions, 'perSecond' | 'durationMs'>,
): Buffer {
  const fields = {
    Host: `127.0.0.1:${port}`,
    ...(body && { 'Content-Length': `${body.length}` }),
    ...headers,
  };
  const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([
    Buffer.from(`${method} ${path} HTTP/1.1\r\n${head.join('')}\r\n`, 'latin1'),
    ...(body ? [body] : []),
  ]);
}
