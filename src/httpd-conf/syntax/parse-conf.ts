import type { HttpdConfOptions } from '../httpd-conf.ts';
import type { ReadingLedger } from '../ledger.ts';
import type { Item } from './directive.ts';
import { limits } from './limits.ts';
import { listModules } from './modules.ts';
import { readItems, readText } from './read-items.ts';
import type { ConfReader } from './reader.ts';
import { fail, ReadingEnds, type Reading } from './reading.ts';

/** What is parsed. */
export type ConfSource = Readonly<{
  text: string;
  /** As it is named in notices. */
  file: string;
  /** The folder it lies in; undefined: it is a text that came from anywhere. */
  folder?: string | undefined;
}>;

/**
 * The directives and sections of a configuration, with Include, Define, Use and the sections that only ask worked in.
 * What became of those, and all that is wrong, is in the ledger. Without a `reader` there are no files.
 */
export function parseConf(
  source: ConfSource,
  reader: ConfReader | undefined,
  ledger: ReadingLedger,
  options: HttpdConfOptions = {},
): readonly Item[] {
  const items: Item[] = [];
  const reading = beginReading(source, reader, ledger, options);
  try {
    const lines =
      source.text.length > limits.file
        ? refuseLong(source, reading)
        : readText(source.text, source.file, reading);
    readItems(lines, items, reading);
  } catch (error) {
    if (!(error instanceof ReadingEnds)) throw error;
  }
  return items;
}

function refuseLong({ text, file }: ConfSource, reading: Reading): [] {
  const lineText = text.slice(0, 200).split(/\r?\n/, 1)[0]!;
  const at = { text: '', place: { file, line: 1 }, column: 1, length: 1, lineText };
  fail(reading, at, {
    problem: `the text is ${text.length} characters long`,
    advice: `a configuration has at most ${limits.file}`,
  });
  return [];
}

function beginReading(
  { file, folder }: ConfSource,
  reader: ConfReader | undefined,
  ledger: ReadingLedger,
  { defines = [], env = {}, modules = [], serverRoot }: HttpdConfOptions,
): Reading {
  const isList = (names: typeof defines): names is readonly string[] => Array.isArray(names);
  const values = isList(defines) ? [] : Object.entries(defines);
  return {
    ledger,
    reader,
    defines: new Set(isList(defines) ? defines : Object.keys(defines)),
    variables: new Map(
      values.flatMap(([name, value]) => (value === undefined ? [] : [[name.toLowerCase(), value]])),
    ),
    env,
    modules: listModules(modules),
    macros: new Map(),
    folders: { own: folder, given: serverRoot },
    trail: reader && folder !== undefined ? [reader.identify(file)] : [],
    serverRoot: undefined,
    rows: 0,
    characters: 0,
    files: 0,
    problems: 0,
  };
}
