import { clock, type Timer } from '../clock.ts';
import { longestMs } from '../definition/duration.ts';
import type { InFlight, Served } from '../in-flight.ts';
import type { MemberView } from '../member/member.ts';
import { shuffle, spreadOver } from './spread.ts';

/**
 * How WebSockets are told to go (RFC 6455 7.4.1: 1001), so that their clients come back one by one, and not all at once, to
 * whoever serves them next.
 */
export type Partings = Readonly<{
  /**
   * Tells them, spread over the first three quarters of `graceMs`; what has not ended by its end is ended, requests not.
   * `member`: only those of one. Returns how to call it off.
   */
  begin(graceMs: number, member?: MemberView): () => void;
  /** A connection was switched: it is told with the others that it belongs to. */
  joined(work: Served): void;
}>;

/** Those who are told last are to have some time for their answers. */
const shareOfGrace = 0.75;

/** Over which they are spread where the grace is endless, in milliseconds. */
const endlessSpreadMs = 60_000;

type Parting = Readonly<{ member: MemberView | undefined; add(work: Served): void }>;

type Due = Readonly<{ work: Served; at: number }>;

/** What partings need to know. */
export type PartingsParts = Readonly<{ inFlight: InFlight; now: () => number; random: () => number }>;

/** Nobody is told to go before `begin`. */
export function createPartings({ inFlight, now, random }: PartingsParts): Partings {
  const partings = new Set<Parting>();

  const isMeant = ({ tunnel, member }: Served, only: MemberView | undefined): boolean =>
    tunnel !== undefined && (only === undefined || member === only);

  return {
    begin(graceMs, member) {
      const spreadMs = Number.isFinite(graceMs) ? graceMs * shareOfGrace : endlessSpreadMs;
      const until = now() + spreadMs;
      const list = inFlight.list().filter((work) => isMeant(work, member));
      const times = spreadOver(list.length, spreadMs, random);
      const begunAt = now();
      /** The last one first. */
      const dues: Due[] = shuffle(list, random)
        .map((work, i) => ({ work, at: begunAt + times[i]! }))
        .reverse();
      let timer: Timer | undefined;

      // One timer for all; whoever has ended by itself is passed over.
      const arm = (): void => {
        clock.clear(timer);
        const next = dues.at(-1);
        if (next) timer = clock.setTimer(tell, Math.min(Math.max(0, next.at - now()), longestMs));
      };
      const tell = (): void => {
        const at = now();
        for (let next = dues.at(-1); next && next.at <= at; next = dues.at(-1)) {
          dues.pop();
          next.work.tunnel?.goAway();
        }
        arm();
      };
      const end = clock.setLimit(
        () => {
          for (const work of inFlight.list().filter((each) => isMeant(each, member))) work.stop();
        },
        Math.min(graceMs, longestMs),
      );
      const parting: Parting = {
        member,
        add(work) {
          const at = now() + Math.max(0, until - now()) * random();
          const before = dues.findIndex((due) => due.at <= at);
          dues.splice(before < 0 ? dues.length : before, 0, { work, at });
          arm();
        },
      };
      partings.add(parting);
      arm();
      return () => {
        partings.delete(parting);
        clock.clear(timer);
        clock.clear(end);
      };
    },
    joined(work) {
      for (const parting of partings) if (isMeant(work, parting.member)) parting.add(work);
    },
  };
}
