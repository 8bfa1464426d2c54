import { chance, clock as ownClock } from '../clock.ts';
import { jitter } from '../health/jitter.ts';
import { readTexts, type Answer } from './lane.ts';
import { patienceMs, type HubParts } from './parts.ts';
import type { Presence } from './presence.ts';
import { createReading } from './reading.ts';

/** What is asked of Redis, one command after the other, as long as there is something to do. */
export type Work = Readonly<{
  /** There may be something to do. */
  go(): void;
  beatNow(): void;
  /** A beat, where something has changed that only a beat tells. */
  beatEarly(ms: number): void;
  /** Words wait. */
  flushSoon(): void;
  /** Reads everything, and puts back what is missing. */
  readAll(): void;
  /** Reads everything soon: words were missed. */
  readLate(): void;
}>;

/** How far apart batches are, at least: 50 a second. The first waits only for what is said together with it. */
const batchGapMs = 20;
const gatherMs = 2;
const fullReadMs = 60_000;
/** Within this time processes that miss the same words read one by one; the first puts them back for all. */
const lateMs = 1_000;

type Step = () => Promise<void>;

export function createWork(parts: HubParts, presence: Pick<Presence, 'lose' | 'refuse'>): Work {
  const { state, link, lane, commands, standing, timers, outbox, leases, others, clock } = parts;
  const { totalsOut, totalsReader, beatMs, expiryMs, versions } = parts;
  let isWorking = false;
  let isAskedAgain = false;
  let isReadTurn = false;
  let batchAt = -Infinity;

  function go(): void {
    isAskedAgain = true;
    if (!isWorking) void work();
  }

  async function work(): Promise<void> {
    isWorking = true;
    while (isAskedAgain) {
      isAskedAgain = false;
      for (let step = chooseStep(); step; step = chooseStep()) await step();
    }
    isWorking = false;
  }

  function chooseStep(): Step | undefined {
    const { phase, reading } = state;
    if (phase === 'closed' || phase === 'away' || !lane.isFree() || !link.isReady()) return undefined;
    if (state.isBeatDue) return beat;
    // Batches do not wait for all pages.
    isReadTurn = !isReadTurn;
    if (reading && isReadTurn) return readPage;
    if (phase === 'in' && !outbox.isEmpty()) {
      const waitMs = batchAt + batchGapMs - clock();
      if (waitMs <= 0) return merge;
      if (!timers.has('flush')) timers.set('flush', waitMs, go);
    }
    if (reading) return readPage;
    return phase === 'in' && totalsReader.next() !== undefined ? readTotalsOfOne : undefined;
  }

  /** The values of an answer; of none, nothing, and this process is alone. */
  function accept(answer: Answer): readonly unknown[] | undefined {
    if (state.phase === 'closed' || state.phase === 'away') return undefined;
    switch (answer.kind) {
      case 'answer':
        return answer.values;
      case 'format':
        presence.refuse(answer.text);
        // To find out when those processes have ended.
        scheduleBeat();
        return undefined;
      case 'silent':
        presence.lose(`no answer for ${patienceMs / 1_000} s`);
        return undefined;
      case 'failed':
        if (link.isReady()) presence.lose(`Redis says: ${answer.why}`, jitter(beatMs, chance.draw()));
        else presence.lose(`no connection: ${answer.why}`);
        return undefined;
    }
  }

  async function beat(): Promise<void> {
    state.isBeatDue = false;
    const sentAt = clock();
    const [wanted, givenBack, isAnew] = [leases.wanted(), leases.givenBack(), totalsOut.isAnew()];
    const totals = totalsOut.take(state.listener!.totals());
    const values = accept(await lane.send(() => commands.beat({ wanted, givenBack, isAnew, totals })));
    if (!values) return;
    const [kept, held, alive] = values;
    totalsOut.confirm(totals, Number(kept));
    const isHeld = readTexts(held).map((each) => each === '1');
    leases.confirm(wanted, isHeld, givenBack, sentAt + expiryMs);
    for (const left of others.update(readTexts(alive), sentAt)) state.listener!.left(left);
    if (state.heardSelfAt < sentAt) state.unheardSince ??= sentAt;
    if (state.phase === 'refused') state.phase = 'joining';
    if (state.phase === 'joining') readAll();
    else share();
    scheduleBeat();
  }

  function scheduleBeat(): void {
    timers.set('beat', jitter(beatMs, chance.draw()), beatNow);
  }

  function beatNow(): void {
    state.isBeatDue = true;
    go();
  }

  function share(): void {
    standing.share(others.names().length + 1);
  }

  function readAll(): void {
    timers.set('read', jitter(fullReadMs, chance.draw()), readAll);
    if (state.reading || (state.phase !== 'in' && state.phase !== 'joining')) return;
    state.reading = createReading();
    versions.beginRead();
    go();
  }

  function readLate(): void {
    if (!timers.has('late')) timers.set('late', chance.draw() * lateMs, readAll);
  }

  async function readPage(): Promise<void> {
    const reading = state.reading!;
    const values = accept(await lane.send(() => commands.read(reading.cursor()!)));
    if (!values || state.reading !== reading) return;
    const { entries, faults } = reading.take(values, ownClock.date());
    if (faults > 0) parts.warn('what is kept in Redis has words in it that are none');
    if (entries.length > 0) state.listener!.entries(entries);
    if (reading.cursor() !== undefined) return;
    state.reading = undefined;
    versions.endRead(reading.version());
    for (const entry of reading.missing(state.listener!.known())) outbox.put(entry);
    state.phase = 'in';
    share();
  }

  async function merge(): Promise<void> {
    batchAt = clock();
    const batch = outbox.take();
    // What was left out is put back by it.
    if (outbox.hasOverflowed()) readLate();
    const values = accept(await lane.send(() => commands.merge(batch, ownClock.date())));
    if (values && Number(values[0]) > 0)
      parts.warn('Redis keeps as many words as it may, further ones are told and not kept');
  }

  async function readTotalsOfOne(): Promise<void> {
    const other = totalsReader.next()!;
    const values = accept(await lane.send(() => commands.totals(other)));
    if (values) totalsReader.take(other, values);
  }

  return {
    go,
    beatNow,
    beatEarly(ms) {
      if (state.phase === 'in' && !timers.has('early')) timers.set('early', ms, beatNow);
    },
    flushSoon() {
      if (!timers.has('flush')) timers.set('flush', Math.max(gatherMs, batchAt + batchGapMs - clock()), go);
    },
    readAll,
    readLate,
  };
}
