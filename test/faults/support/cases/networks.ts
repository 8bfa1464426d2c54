import { createRandom } from '../../../support/seeded-random.ts';
import { startLink, type Link, type Weather } from '../link.ts';
import type { FaultyMember } from './faulty-member.ts';

type Started = FaultyMember & Readonly<{ backend: Readonly<{ port: number }> }>;

const seed = 8;

/** A member behind a network; `start` is handed the link, which is there when the first request comes. */
export async function startBehind(
  weather: Weather,
  start: (link: () => Link) => Promise<Started>,
): Promise<FaultyMember> {
  const made: { link?: Link } = {};
  const { backend, executions } = await start(() => made.link!);
  made.link = await startLink(backend.port, weather, createRandom(seed));
  return { url: made.link.url, executions };
}

/** Nothing gets through for some turns of the loop, which is far longer than anything is on its way. */
export function cutForAWhile(link: Link, turns = 20): void {
  link.set({ isCut: true });
  const go = (left: number): void => {
    if (left === 0) link.set({});
    else setImmediate(go, left - 1);
  };
  go(turns);
}
