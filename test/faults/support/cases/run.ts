import type { BalancerDefinition } from '../../../../src/index.ts';
import { ask, hashOf, type Told } from '../../../support/ask.ts';
import { startFront } from '../../../support/front.ts';
import { startExecutor } from './executor.ts';
import type { FaultCase } from './faulty-member.ts';
import type { RequestCase } from './requests.ts';
import { endingsOf, executionsOf, type Ending, type Progress } from './rule.ts';
import type { Execution } from './executor.ts';

/** How long a member may be silent whose silence is waited for; a machine that pauses for a second makes none silent. */
export const timeoutMs = 1_000;
/** What a request may take beside the timeouts that are set. */
const mostMs = 5_000;

/** One request, and what became of it. */
export type Cell = Readonly<{
  request: RequestCase;
  ending: Ending | 'else';
  /** What a client sees, for whoever reads why a test has failed. */
  seen: string;
  code: string | undefined;
  tookMs: number;
  byA: readonly Execution[];
  byB: readonly Execution[];
}>;

/** What both members have executed until now. */
export type Executions = Readonly<Record<'a' | 'b', () => readonly Execution[]>>;

const empty = Buffer.alloc(0);
let nextId = 0;

/** Asks a front whose first member is `a`, and sees what becomes of it. */
export async function askCell(
  port: number,
  request: RequestCase,
  { a, b }: Executions,
  path = '/',
): Promise<Cell> {
  const id = `${(nextId += 1)}`;
  const startedAt = performance.now();
  const asked = { path, ...request.asked, headers: { 'X-Id': id } };
  // Where its upload was broken off as well, a client may hear of that first.
  const told = await ask(port, asked).catch((error: unknown) => String(error));
  return {
    request,
    ending: endingOf(told, hashOf(request.asked.body ?? empty)),
    seen: typeof told === 'string' ? told : `${told.status} ${told.whole ? told.text : 'cut'}`,
    code: typeof told === 'string' ? undefined : told.code,
    tookMs: performance.now() - startedAt,
    byA: a().filter((each) => each.id === id),
    byB: b().filter((each) => each.id === id),
  };
}

function endingOf(told: Told | string, hash: string): Ending | 'else' {
  if (typeof told === 'string') return 'cut';
  const { status, whole, text, headers, code } = told;
  if (status === 200 && !whole) return 'cut';
  if (status === 200 && (text === '0123456789' || headers['x-hash'] === hash)) {
    return headers['x-member'] === 'a' ? 'answered by a' : 'answered by b';
  }
  return status >= 500 && whole && code !== undefined ? 'refused' : 'else';
}

/** Asks each kind of request of a member and front of its own, all at the same time. */
export function runRow(
  fault: FaultCase,
  requests: readonly RequestCase[],
  definition: Partial<BalancerDefinition>,
): Promise<readonly Cell[]> {
  return Promise.all(
    requests.map(async (request) => {
      const [a, b] = [await fault.start(), await startExecutor('b')];
      const timeout = fault.isSilent ? (`${timeoutMs}ms` as const) : '1m';
      const front = await startFront({
        ...definition,
        members: [
          { url: a.url, timeout },
          { url: b.url, lbset: 1, timeout: '1m' },
        ],
      });
      return askCell(front.port, request, { a: () => a.executions, b: () => b.executions });
    }),
  );
}

/** What is not as the rule says, a line each. */
export function findWrong(
  { progress, code, isSilent = false }: Pick<FaultCase, 'progress' | 'code' | 'isSilent'>,
  cells: readonly Cell[],
): readonly string[] {
  return cells.flatMap((cell) => {
    const { request, ending, seen, tookMs, byA, byB } = cell;
    const wrong = [
      ...findUnruly(progress, cell),
      ...(ending === 'refused' && cell.code !== code ? [`not told ${code}`] : []),
      ...(tookMs > mostMs + (isSilent ? timeoutMs : 0) ? [`took ${Math.round(tookMs)} ms`] : []),
    ];
    const what = `${request.name}: ${seen}, executed ${byA.length} and ${byB.length} times`;
    return wrong.map((problem) => `${what}: ${problem}`);
  });
}

function findUnruly(progress: Progress, { request, ending, byA, byB }: Cell): readonly string[] {
  const endings = endingsOf(progress, request);
  if (ending === 'else' || !endings.includes(ending)) return [`should be ${endings.join(' or ')}`];
  const [least, most] = executionsOf(progress, ending);
  const hash = hashOf(request.asked.body ?? empty);
  return [
    ...(byA.length < least || byA.length > most ? [`not executed ${least} to ${most} times`] : []),
    ...(byB.length === (ending === 'answered by b' ? 1 : 0) ? [] : ['asked the other as well']),
    ...(ending === 'answered by b' && byB[0]?.hash !== hash ? ['the other has not got its body'] : []),
    ...(!request.isIdempotent && byA.length + byB.length > 1 ? ['executed twice'] : []),
  ];
}
