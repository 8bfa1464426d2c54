import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bindCommand } from '../rig/cores.ts';
import type { LoadFigures, LoadPlan } from './closed-loop.ts';

const spareMs = 10_000;

/** Asks through wrk, with one thread. */
export async function runWrk({ port, requests, connections, durationMs }: LoadPlan): Promise<LoadFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-wrk-'));
  try {
    const script = join(folder, 'requests.lua');
    writeFileSync(script, writeScript(requests));
    const [command, args] = bindCommand('other', 'wrk', [
      '-t1',
      `-c${connections}`,
      `-d${Math.ceil(durationMs / 1_000)}s`,
      ...['-s', script],
      `http://127.0.0.1:${port}/`,
    ]);
    const running = promisify(execFile)(command, args, { timeout: durationMs + spareMs });
    // It knows whole seconds only; interrupted, it ends early and tells what it has.
    const timer = setTimeout(() => running.child.kill('SIGINT'), durationMs);
    try {
      return readWrk((await running).stdout);
    } finally {
      clearTimeout(timer);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The requests in turn, each as it goes over the wire. */
export function writeScript(requests: readonly Buffer[]): string {
  return [
    'local requests = {',
    ...requests.map((request) => `  "${writeLuaBytes(request)}",`),
    '}',
    'local turn = 0',
    'request = function()',
    '  turn = turn % #requests + 1',
    '  return requests[turn]',
    'end',
    '',
  ].join('\n');
}

function writeLuaBytes(bytes: Buffer): string {
  return bytes
    .toString('latin1')
    .replace(/[^ !#-[\]-~]/g, (letter) => `\\${letter.charCodeAt(0).toString().padStart(3, '0')}`);
}

/** Of what wrk prints in the end. */
export function readWrk(text: string): LoadFigures {
  const answered = /^\s*(\d+) requests in /m.exec(text)?.[1];
  const perSecond = /^Requests\/sec:\s*([\d.]+)$/m.exec(text)?.[1];
  if (answered === undefined || perSecond === undefined) throw new Error(`wrk tells nothing: ${text}`);
  const sockets = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text) ?? [];
  const wrong = /Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? '0';
  return {
    answered: Number(answered),
    perSecond: Number(perSecond),
    failed: [...sockets.slice(1), wrong].reduce<number>((sum, count) => sum + Number(count), 0),
  };
}
