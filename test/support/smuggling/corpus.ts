import type { Smuggling } from './case.ts';
import * as chunks from './chunks.ts';
import * as framing from './framing.ts';
import * as heads from './heads.ts';
import * as targets from './targets.ts';

/** All that is tried, by what it is about. */
export const corpus: readonly (readonly [string, readonly Smuggling[]])[] = [
  ['lengths and codings that contradict each other', framing.contradictions],
  ['codings', [...framing.codings, ...framing.goodCodings]],
  ['names of the coding', framing.codingNames],
  ['lengths', [...framing.lengths, ...framing.goodLengths, ...framing.unfinished]],
  ['bodies where none is looked for', framing.bodies],
  [
    'sizes of chunks',
    [...chunks.badSizes, ...chunks.lenientSizes, ...chunks.goodSizes, ...chunks.unfinishedSizes],
  ],
  ['extensions of chunks', chunks.extensions],
  ['ends of chunks', chunks.ends],
  ['trailers', chunks.trailers],
  ['lines', heads.lines],
  ['start lines', heads.starts],
  ['heads', heads.heads],
  ['targets', [...targets.badTargets, ...targets.otherTargets, ...targets.goodTargets]],
  ['upgrades', targets.upgrades],
];
