import type { Members } from './member/members.ts';

/**
 * Calls back once: at the first news of the members, when one in error is due again, or when the time is up, whichever is
 * first. `retryAt` and `until` are of the clock `now`. Returns how to call it off.
 */
export function waitForMember(
  members: Members,
  now: () => number,
  until: number,
  retryAt: number | undefined,
  callback: () => void,
): () => void {
  // A member that is due and not usable is being tried: how that ends will be news.
  const at = retryAt === undefined || retryAt <= now() ? until : Math.min(until, retryAt);
  const timer = setTimeout(wake, Math.ceil(at - now()));
  const stopListening = members.whenChanged(wake);

  function wake(): void {
    stop();
    callback();
  }
  function stop(): void {
    clearTimeout(timer);
    stopListening();
  }
  return stop;
}
