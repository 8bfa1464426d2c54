import type { HealthSettings, MemberSettings } from '../definition/settings.ts';
import type { Probe } from './probe.ts';

/**
 * Asks a member for its warm-up paths, one after the other. What it answers does not matter, as long as it does.
 * Returns why it is not warm, in a few words; undefined when it is.
 */
export async function warmUp(
  member: MemberSettings,
  { warmUp: paths, headers, timeoutMs }: HealthSettings,
  ask: Probe,
  signal: AbortSignal,
): Promise<string | undefined> {
  const request = { method: 'GET', version: '1.1' } as const;
  for (const target of paths) {
    const result = await ask(member, { request, target, headers, timeoutMs, readsBody: false }, signal);
    if (result.kind === 'failed') return `warm-up ${target}: ${result.cause.message}`;
  }
  return undefined;
}
