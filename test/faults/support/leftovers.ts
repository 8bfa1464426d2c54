import { runningFronts, type Front } from '../../support/front.ts';
import { isIdle, tidyUp, until } from '../../support/idle.ts';
import { closeWebSockets } from '../../support/websocket.ts';

/** What a process holds: kinds of sockets, timers and processes, and how many there are of each. */
type Held = ReadonlyMap<string, number>;

const watched = /^(?:TCP|TLS|Pipe|Process|Timeout|GetAddrInfo|UDP)/;

let before: Held | undefined;

/** Call it in `beforeEach`: what is there already is nobody's fault. */
export function noteWhatIsThere(): void {
  before = countHeld();
}

/**
 * Ends a test, as `tidyUp` does, and fails where anything is left of it: a member that is busy, a waiting request, a socket,
 * a timer. Call it in `afterEach`, when the test's own clients and processes have ended.
 */
export async function nothingIsLeft(): Promise<void> {
  const fronts = [...runningFronts()];
  closeWebSockets();
  await tidyUp();
  for (const front of fronts) refuseBusy(front);
  try {
    await until(() => listLeft().length === 0);
  } catch {
    throw new Error(`left behind: ${listLeft().join(', ')}`);
  }
}

function refuseBusy(front: Front): void {
  if (!isIdle(front)) throw new Error('a member is busy after close()');
}

/** What there is now and was not when it was noted: `2 TCPSocketWrap`. */
export function listLeft(): readonly string[] {
  return [...countHeld()]
    .map(([kind, count]) => ({ kind, more: count - (before?.get(kind) ?? 0) }))
    .filter(({ more }) => more > 0)
    .map(({ kind, more }) => `${more} ${kind}`);
}

function countHeld(): Held {
  const held = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    if (watched.test(kind)) held.set(kind, (held.get(kind) ?? 0) + 1);
  }
  return held;
}
