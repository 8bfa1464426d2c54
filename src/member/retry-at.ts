import type { MemberView } from './member.ts';

/** When a member in error may be tried again; undefined when it is not in error. Doubles with each trial that has failed. */
export function retryAt({ state, settings }: MemberView): number | undefined {
  const { errorAt, failedTrials, ejectedMs } = state;
  if (errorAt === undefined) return undefined;
  const { retryMs, retryMaxMs } = settings;
  if (failedTrials === 0) return errorAt + (ejectedMs ?? retryMs);
  // What was ejected for longer than `retry` grows in the same proportion.
  const most = ejectedMs === undefined || retryMs === 0 ? retryMaxMs : ejectedMs * (retryMaxMs / retryMs);
  const grown = (ejectedMs ?? retryMs) * 2 ** Math.min(failedTrials, 30);
  return errorAt + Math.max(Math.min(grown, most), ejectedMs ?? retryMs);
}
