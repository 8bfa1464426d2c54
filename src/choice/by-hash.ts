import type { HashKey } from '../definition/definition.ts';
import type { MemberView } from '../member/member.ts';
import { wholeDebtOf } from '../member/statistics.ts';
import { tellLoad } from './by-busyness.ts';
import { compileHashKey } from './hash-key.ts';
import { hashText, joinHashes } from './hash.ts';
import type { Candidates, Method } from './method.ts';
import { random } from './random.ts';
import { weigh } from './weights.ts';

/**
 * Keeps each key on one member, by weighted rendezvous hashing: when a member goes, only its own keys move, and when one
 * comes, only to it. A member that has more than `hashBalance` times its share of the requests under way is passed over
 * (bounded load); failures count as requests for a while. Requests without a key go to one of two that are drawn.
 */
export function buildByHash(hashKey: HashKey, hashBalance: number): Method {
  const readKey = compileHashKey(hashKey);
  return {
    choose(candidates, context) {
      const key = readKey(context.req);
      if (key === undefined || key === '') return random.choose(candidates, context);
      return chooseByKey(hashText(key), candidates, context.now, hashBalance);
    },
    tell: tellLoad,
  };
}

/** The candidate that would draw the key first, if each drew it at a rate of its weight: the least -ln(1 - x) / weight. */
function chooseByKey(key: number, candidates: Candidates, now: number, hashBalance: number): MemberView {
  const { each } = weigh(candidates, now);
  const hashes = hashNames(candidates);
  let bound: Bound | undefined;
  let best = 0;
  let earliest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < candidates.length; i += 1) {
    const drawn = (joinHashes(key, hashes[i]!) + 0.5) / 2 ** 32;
    // -ln(1 - x) is never less than x: few candidates need the logarithm.
    if (drawn >= earliest * each[i]!) continue;
    const time = -Math.log1p(-drawn) / each[i]!;
    if (time >= earliest) continue;
    const load = loadOf(candidates[i]!, now);
    // Everybody may have one request, so that an idle member needs no sum.
    if (load > 0 && hashBalance !== Number.POSITIVE_INFINITY) {
      bound ??= findBound(candidates, now, hashBalance);
      if (load + 1 > Math.ceil((bound.load * candidates[i]!.settings.lbfactor) / bound.factor)) continue;
    }
    earliest = time;
    best = i;
  }
  return candidates[best]!;
}

/** How many failures, of the last seconds, do not count. */
const pardoned = 3;

/** What all members together may be charged with, and their load factors: each may have its part of it, rounded up. */
type Bound = Readonly<{ load: number; factor: number }>;

/** The request that is to be placed counts too. A slow start does not: its member has fewer keys already. */
function findBound(candidates: Candidates, now: number, hashBalance: number): Bound {
  let load = 1;
  for (const candidate of candidates) load += loadOf(candidate, now);
  const { total, isSteady } = weigh(candidates, now);
  const factor = isSteady ? total : candidates.reduce((sum, { settings }) => sum + settings.lbfactor, 0);
  return { load: hashBalance * load, factor };
}

/** A page that fails now and then is no reason to move the keys of a member: a few failures are not counted. */
function loadOf(member: MemberView, now: number): number {
  return member.debt === 0 ? member.busy : member.busy + Math.max(0, wholeDebtOf(member, now) - pardoned);
}

/** By list: `members` makes a new one when a member comes, goes, or is called otherwise. */
const memos = new WeakMap<Candidates, Int32Array>();

/** Hashes of the members' names, which stay when an address or a factor changes. */
function hashNames(candidates: Candidates): Int32Array {
  let hashes = memos.get(candidates);
  if (!hashes) {
    hashes = Int32Array.from(candidates, ({ settings }) => hashText(settings.name));
    memos.set(candidates, hashes);
  }
  return hashes;
}
