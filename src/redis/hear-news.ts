import { chance, clock as ownClock } from '../clock.ts';
import { readNews, type News } from './news.ts';
import type { HubParts } from './parts.ts';
import type { Work } from './work.ts';

/** Processes that wait for a lease do not all ask at once when it is given back. */
const leaseMs = 200;

/** Takes what comes over the channel. */
export function createHearing(parts: HubParts, work: Pick<Work, 'readLate' | 'beatEarly'>) {
  const { state, process, others, versions, leases, clock, warn } = parts;

  function hearBeat({ process: from, version }: News & { kind: 'beat' }): void {
    if (from === process) {
      state.heardSelfAt = clock();
      state.unheardSince = undefined;
    }
    others.heard(from, clock());
    // Beats come after the words that were merged before them, so that a gap is one.
    if (state.phase === 'in' && !state.reading && versions.isBehind(version)) work.readLate();
  }

  function hearWords(news: News & { kind: 'words' }): void {
    if (news.version !== undefined) versions.heard(news.version);
    if (news.process === process || state.phase === 'refused') return;
    others.heard(news.process, clock());
    if (news.faults > 0) warn('a message on its channel has words in it that are none');
    if (news.entries.length > 0) state.listener!.entries(news.entries);
    // Who is alone has forgotten what others told, and would not hear that they have left.
    if (state.phase !== 'in') return;
    for (const [topic, text] of news.tidings) state.listener!.told(topic, text, news.process);
  }

  return function hear(text: string): void {
    const news = readNews(text, ownClock.date());
    switch (news.kind) {
      case 'fault':
        warn(`a message on its channel ${news.fault}`);
        return;
      case 'foreign':
        return;
      case 'beat':
        hearBeat(news);
        return;
      case 'bye':
        if (others.remove(news.process)) state.listener!.left(news.process);
        if (leases.isWaiting()) work.beatEarly(chance.draw() * leaseMs);
        return;
      case 'words':
        hearWords(news);
        return;
    }
  };
}
