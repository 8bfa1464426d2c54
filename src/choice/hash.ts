/** Of longer texts, the beginning, the end and the length are looked at. */
const longest = 1_024;

/** Spreads a text over 32 bits, the same in every process and version: FNV-1a over its UTF-16, then mixed. */
export function hashText(text: string): number {
  if (text.length <= longest) return mix(hashPart(text, 0, text.length, text.length));
  const half = longest / 2;
  const begun = hashPart(text, 0, half, text.length);
  return mix(hashPart(text, text.length - half, text.length, begun));
}

function hashPart(text: string, from: number, to: number, seed: number): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let i = from; i < to; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

/** One hash of two that are well spread. */
export function joinHashes(one: number, other: number): number {
  return mix(one ^ other);
}

/** The end of MurmurHash3: each bit of the input changes half of those of the result. */
function mix(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
