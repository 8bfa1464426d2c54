import type { HttpdConfOptions } from '../../src/httpd-conf/httpd-conf.ts';
import { HttpdConfError } from '../../src/httpd-conf/conf-error.ts';
import { createLedger, type ReadingLedger } from '../../src/httpd-conf/ledger.ts';
import type { Item } from '../../src/httpd-conf/syntax/directive.ts';
import { parseConf } from '../../src/httpd-conf/syntax/parse-conf.ts';

/** A text taken apart, and the ledger with what was told while it was read. */
export type Parsed = Readonly<{ items: readonly Item[]; ledger: ReadingLedger }>;

/** Takes a text apart. */
export function parseText(text: string, options: HttpdConfOptions = {}): Parsed {
  const ledger = createLedger();
  const items = parseConf({ text, file: 'httpd.conf' }, undefined, ledger, options);
  return { items, ledger };
}

/** What a text consists of; what is wrong with it is thrown. */
export function itemsOf(text: string, options: HttpdConfOptions = {}): readonly Item[] {
  const { items, ledger } = parseText(text, options);
  if (ledger.problems().length > 0) throw new HttpdConfError(ledger.problems());
  return items;
}

/** The items as nested lists of words: `['ProxyPass', '/', 'http://a']`, and what is in a section behind its own. */
export function wordsOf(items: readonly Item[]): readonly Words[] {
  return items.map((item) => {
    const words = [item.name, ...item.args.map(({ text }) => text)];
    return item.kind === 'section' ? [...words, wordsOf(item.items)] : words;
  });
}

export type Words = readonly (string | readonly Words[])[];

/** What is wrong with a text: line, column, problem and advice. */
export function problemsOf(text: string, options: HttpdConfOptions = {}): readonly string[] {
  return parseText(text, options)
    .ledger.problems()
    .map(({ line, column, problem, advice }) => `${line}:${column} ${problem}; ${advice}`);
}

/** What is told of a text while it is read: line, kind and why. */
export function noticesOf(text: string, options: HttpdConfOptions = {}): readonly string[] {
  return parseText(text, options)
    .ledger.notices()
    .map(({ line, kind, why }) => `${line} ${kind}: ${why}`);
}

/** A ledger with nothing in it. */
export function ledgerOf(): ReadingLedger {
  return createLedger();
}
