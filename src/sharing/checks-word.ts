import { isRecord } from '../changes/copy-json.ts';
import type { CheckNews } from '../health/check-duty.ts';
import type { HeardCheck } from './checks-heard.ts';
import { cleanWhy, isCount } from './checks-text.ts';

/** What is kept of a check that has changed a member's state: by the clock of the process that made it. */
export type CheckWord = Readonly<{
  state: 'failed' | 'passed';
  report: Readonly<{ passed: number; failed: number; last: { at: number; passed: boolean; why: string } }>;
  tookMs: number;
}>;

/** The word on a check; undefined: it has changed nothing. */
export function writeCheckWord({ report, event, tookMs }: CheckNews): CheckWord | undefined {
  const { passed, failed, last } = report;
  if (!event || !last) return undefined;
  return {
    state: event === 'checks-failed' ? 'failed' : 'passed',
    report: { passed, failed, last: { ...last, why: cleanWhy(last.why) } },
    tookMs: Math.round(tookMs),
  };
}

/** Reads a word; undefined: it is none. A clock that is ahead makes nothing younger than now. */
export function readCheckWord(value: unknown, now: number): HeardCheck | undefined {
  if (!isRecord(value) || !isRecord(value['report'])) return undefined;
  const { state, tookMs, report } = value;
  const { passed, failed, last } = report;
  if (state !== 'failed' && state !== 'passed') return undefined;
  if (!isRecord(last) || !isCount(passed) || !isCount(failed) || !isCount(tookMs)) return undefined;
  const { at, why } = last;
  if (!isCount(at) || typeof why !== 'string' || last['passed'] !== (state === 'passed')) return undefined;
  const endedAgoMs = Math.max(0, now - at);
  return {
    passed: state === 'passed',
    hasFailed: state === 'failed',
    isEvent: true,
    counts: { passed, failed },
    beganAgoMs: endedAgoMs + tookMs,
    endedAgoMs,
    why: cleanWhy(why),
  };
}
