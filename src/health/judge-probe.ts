import { types } from 'node:util';
import { describe } from '../definition/describe.ts';
import type { HcAnswer } from '../definition/member-definition.ts';
import type { HealthSettings } from '../definition/settings.ts';
import type { ProbeResult } from './probe.ts';

/** Whether a check has passed, and why (not), in a few words for logs. */
export type Judgement = Readonly<{
  passed: boolean;
  why: string;
  /** The function that was to judge the answer did not: what the definition has, not the member, is at fault. */
  isMistake?: true;
}>;

/** Says what the end of a check means. */
export function judgeProbe(
  result: ProbeResult,
  health: Pick<HealthSettings, 'isExpected' | 'readsBody'>,
): Judgement {
  switch (result.kind) {
    case 'connected':
      return { passed: true, why: 'connected' };
    case 'answered':
      return judgeAnswer(result.answer, health);
    case 'failed':
      return { passed: false, why: result.cause.message };
  }
}

function judgeAnswer(
  answer: HcAnswer,
  { isExpected, readsBody }: Pick<HealthSettings, 'isExpected' | 'readsBody'>,
): Judgement {
  let said: unknown;
  try {
    said = isExpected(answer);
  } catch (error) {
    return mistake(`threw ${error instanceof Error ? `${error.name}: ${error.message}` : describe(error)}`);
  }
  if (typeof said !== 'boolean') {
    // An async function: its failure must not end the process.
    if (types.isPromise(said)) said.catch(() => undefined);
    return mistake(`returned ${said === undefined ? 'nothing' : describe(said)} instead of true or false`);
  }
  const status = String(answer.status);
  if (said || !readsBody || answer.status < 200 || answer.status > 399) return { passed: said, why: status };
  return { passed: false, why: `${status}, but the answer does not match` };
}

function mistake(what: string): Judgement {
  return { passed: false, why: `hcexpect ${what}`, isMistake: true };
}
