import { parseDuration } from './duration.ts';
import { isFault, isOptions, stateProblem, type Fault, type Options, type Problem } from './problem.ts';

const defaultRetryMs = 60_000;

/** Whether `retryMax` of a member is long enough; a fault of the defaults alone is stated by `checkDefaultRetry`. */
export function checkRetry(member: Options, path: string, memberDefaults: unknown): readonly Problem[] {
  const defaults = isOptions(memberDefaults) ? memberDefaults : {};
  const retry = member['retry'] ?? defaults['retry'];
  const retryMax = member['retryMax'] ?? defaults['retryMax'];
  const fault = judgeRetryMax(retry, retryMax);
  if (!fault) return [];
  if (member['retryMax'] !== undefined) return [stateProblem(`${path}.retryMax`, retryMax, fault)];
  if (member['retry'] === undefined) return [];
  const other = { problem: 'it is longer than retryMax', advice: 'write retryMax too' };
  return [stateProblem(`${path}.retry`, retry, other)];
}

/** The same for `memberDefaults` by themselves. */
export function checkDefaultRetry(memberDefaults: unknown): readonly Problem[] {
  return isOptions(memberDefaults) ? checkRetry(memberDefaults, 'memberDefaults', undefined) : [];
}

function judgeRetryMax(retry: unknown, retryMax: unknown): Fault | undefined {
  if (retryMax === undefined || retryMax === false) return undefined;
  const least = retry === undefined ? defaultRetryMs : readMs(retry);
  const most = readMs(retryMax);
  // What is wrong by itself is told elsewhere.
  if (least === undefined || most === undefined || most >= least) return undefined;
  return {
    problem: `it is shorter than retry (${least % 1000 === 0 ? `${least / 1000} s` : `${least} ms`})`,
    advice: 'write a longer time, or false where retry is not to grow',
  };
}

function readMs(value: unknown): number | undefined {
  const ms = parseDuration(value, { unit: 's', zero: 'allowed' });
  return isFault(ms) ? undefined : ms;
}
