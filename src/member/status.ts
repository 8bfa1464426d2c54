/** httpd's member flags, as bits. */
export const Status = {
  /** `I`: failures do not put it in error. */
  ignoreErrors: 1,
  /** `N`: serves the sessions that are bound to it, and nobody else. */
  drain: 2,
  /** `D`: is not chosen. */
  disabled: 4,
  /** `S`: is not chosen, and no retry or health check brings it back. */
  stopped: 8,
  /** `E`: has failed and is left alone until `retry` is over. */
  inError: 16,
  /** `H`: serves when no other member of its lbset can. */
  hotStandby: 32,
  /** `R`: takes the place of one unusable member of its lbset. */
  hotSpare: 64,
  /** `C`: has failed its health check. */
  healthCheckFailed: 128,
} as const;

const flagsByLetter = {
  I: Status.ignoreErrors,
  N: Status.drain,
  D: Status.disabled,
  S: Status.stopped,
  E: Status.inError,
  H: Status.hotStandby,
  R: Status.hotSpare,
  C: Status.healthCheckFailed,
} as const;

const flagsByWord = {
  disabled: Status.disabled,
  stopped: Status.stopped,
  drain: Status.drain,
  'in-error': Status.inError,
  'ignore-errors': Status.ignoreErrors,
  'hot-standby': Status.hotStandby,
  'hot-spare': Status.hotSpare,
  'health-check-failed': Status.healthCheckFailed,
} as const;

/** The letters of the flags, in the order of httpd's manual. */
export const statusLetters: ReadonlyMap<string, number> = new Map(Object.entries(flagsByLetter));

/** The words for the flags. */
export const statusWords: ReadonlyMap<string, number> = new Map(Object.entries(flagsByWord));

/** The word for a member that has none of these flags. */
export const enabled = 'enabled';
const notEnabled = Status.disabled | Status.stopped | Status.drain;

/** Status letters or words. Several of them are as good; these are what an editor offers. */
export type StatusText =
  | `${'' | '+' | '-'}${keyof typeof flagsByLetter | keyof typeof flagsByWord}`
  | typeof enabled
  // Any text, without swallowing those above.
  | (string & {});

/**
 * Sets and clears flags: letters as httpd's `status=` does, or words, with blanks or commas between them.
 * `+` (which is the default) sets, `-` clears, and among letters a sign holds until the next one: `S-E` stops the
 * member and clears its error. `enabled` clears D, S and N. Throws a RangeError for anything else.
 */
export function parseStatus(text: string, initial = 0): number {
  return splitStatus(text).reduce(applyPart, initial);
}

/** The parts that are read one after the other: each is a word, or letters. */
export function splitStatus(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((part) => part !== '');
}

/** The sign before a word, if there is one. */
export function splitSign(part: string): readonly [sign: string, word: string] {
  return /^[+-]/.test(part) ? [part.slice(0, 1), part.slice(1)] : ['', part];
}

function applyPart(flags: number, part: string): number {
  const [sign, word] = splitSign(part);
  if (word === enabled && sign !== '-') return flags & ~notEnabled;
  const ofWord = statusWords.get(word);
  if (ofWord !== undefined) return sign === '-' ? flags & ~ofWord : flags | ofWord;
  return applyLetters(flags, part);
}

const signedLetters = new RegExp(`^(?:[+-]?[${[...statusLetters.keys()].join('')}])+$`);

function applyLetters(flags: number, part: string): number {
  if (!signedLetters.test(part)) throw new RangeError(`${part.slice(0, 24)} is no status`);
  let next = flags;
  let sets = true;
  for (const letter of part) {
    const flag = statusLetters.get(letter);
    if (flag === undefined) sets = letter === '+';
    else next = sets ? next | flag : next & ~flag;
  }
  return next;
}

/** The letters of the flags that are set, in the order of httpd's manual; `''` for none. */
export function printStatus(flags: number): string {
  let text = '';
  for (const [letter, flag] of statusLetters) if (flags & flag) text += letter;
  return text;
}
