import type { Fault } from './problem.ts';

/** What to answer to words that are no options, folded. */
export type Words = ReadonlyMap<string, Fault>;

export function say(problem: string, advice: string): Fault {
  return { problem, advice };
}

/** The same answer to several words. */
export function sayAll(words: string, problem: string, advice: string): [string, Fault][] {
  return words.split(' ').map((word) => [word, say(problem, advice)]);
}

/** Words of other balancers and proxies for one of our options; folded, by the option's name. */
export function translate(words: Readonly<Record<string, string>>): [string, Fault][] {
  return Object.entries(words).flatMap(([option, others]) =>
    sayAll(others, 'there is no such option', `write ${option}`),
  );
}

/** Words for options in a record. */
export function translateIn(record: string, words: Readonly<Record<string, string>>): [string, Fault][] {
  return Object.entries(words).flatMap(([option, others]) =>
    translate({ [`${record}: { ${option}: … }`]: others }),
  );
}
