import { chance } from '../clock.ts';
import { tellOtherFormat } from './format.ts';
import { patienceMs, type HubParts } from './parts.ts';

/** Whether this process shares now: comes back where that can be done, and finds out where nothing can. */
export type Presence = Readonly<{
  start(): void;
  look(): void;
  /** Nothing goes out any more; what is not sent is put back from what is known, later. */
  lose(why: string, retryMs?: number): void;
  /** Others keep another format. `text`: what they have written. */
  refuse(text: string): void;
}>;

/** How often the connections are looked at. */
const lookMs = 500;
/** Who comes back waits up to a second, so that not all do at once; who comes for the first time need not. */
const comeBackMs = 1_000;
const firstMs = 100;
/** For so long nothing of its own beats is heard before a process listens anew, however long it may be silent. */
const mostDeafMs = 6_000;

export function createPresence(parts: HubParts, beatNow: () => void): Presence {
  const { state, link, lane, timers, standing, clock, expiryMs, prefix } = parts;
  const deafMs = Math.min(expiryMs, mostDeafMs);
  let hasJoined = false;
  let deafSince: number | undefined;
  let lookedAt = 0;
  let startedAt = 0;

  function look(): void {
    if (state.phase === 'closed' || state.listener === undefined) return;
    const now = clock();
    // What has come while this process stood still is not read yet.
    const hasStoodStill = now - lookedAt > 3 * lookMs;
    lookedAt = now;
    timers.set('look', lookMs, look);
    link.listen();
    if (!link.isReady()) missLink(now);
    else if (!hasStoodStill) listenOrJoin(now);
  }

  function missLink(now: number): void {
    const fault = link.fault();
    const isPatient = standing.status().kind === 'joining' && now - startedAt < patienceMs;
    if (fault !== undefined || !isPatient) lose(`no connection: ${fault ?? 'nobody answers'}`);
  }

  function listenOrJoin(now: number): void {
    deafSince = link.isListening() ? undefined : (deafSince ?? now);
    if (Math.min(deafSince ?? now, state.unheardSince ?? now) < now - deafMs) {
      deafSince = undefined;
      lose('no news arrive');
      link.listenAnew();
    } else if (state.phase === 'away' && deafSince === undefined && lane.isFree() && !timers.has('join')) {
      timers.set('join', chance.draw() * (hasJoined ? comeBackMs : firstMs), join);
    }
  }

  function join(): void {
    hasJoined = true;
    if (state.phase !== 'away') return;
    state.phase = 'joining';
    beatNow();
  }

  function lose(why: string, retryMs?: number): void {
    if (state.phase === 'closed') return;
    state.phase = 'away';
    stop();
    standing.alone(why);
    if (retryMs !== undefined) timers.set('join', retryMs, join);
  }

  function stop(): void {
    timers.clear('join', 'beat', 'early', 'flush', 'read', 'late');
    parts.outbox.clear();
    parts.leases.drop();
    parts.totalsOut.forget();
    parts.totalsReader.giveUp();
    state.reading = undefined;
    state.isBeatDue = false;
    state.unheardSince = undefined;
  }

  return {
    start() {
      startedAt = clock();
      // An app that has just made its client is about to connect it.
      timers.set('open', chance.draw() * firstMs, () => {
        lookedAt = clock();
        link.open();
        look();
      });
    },
    look,
    lose,
    refuse(text) {
      if (state.phase === 'closed') return;
      state.phase = 'refused';
      stop();
      standing.refuse(tellOtherFormat(prefix, text));
    },
  };
}
