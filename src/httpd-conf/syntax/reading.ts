import type { Fault } from '../../definition/problem.ts';
import type { ReadingLedger } from '../ledger.ts';
import type { Argument } from './directive.ts';
import type { Line } from './line.ts';
import { limits } from './limits.ts';
import type { ConfReader } from './reader.ts';

/** What is known while a configuration is read from top to bottom. */
export type Reading = {
  readonly ledger: ReadingLedger;
  readonly reader: ConfReader | undefined;
  /** Names for `<IfDefine>`. */
  readonly defines: Set<string>;
  /** Values for `${NAME}`, by the name in lower case: httpd keeps them in a table that knows no case. */
  readonly variables: Map<string, string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Names of modules, and of their source files. */
  readonly modules: Set<string>;
  /** By the name in lower case. */
  readonly macros: Map<string, Macro>;
  readonly folders: Folders;
  /** The files that are being read: each was included by the one before. */
  readonly trail: string[];
  /** Where a ServerRoot in the file has said that paths begin. */
  serverRoot: string | undefined;
  rows: number;
  characters: number;
  files: number;
  problems: number;
};

/** Where paths begin. */
export type Folders = Readonly<{
  /** Of the configuration's file; undefined: it is a text. */
  own: string | undefined;
  /** What the options say. */
  given: string | undefined;
}>;

/** A `<Macro>`: lines to be put in, with names to be replaced. */
export type Macro = Readonly<{
  name: string;
  where: string;
  parameters: readonly string[];
  lines: readonly Line[];
}>;

/** Nothing more is read: what is wrong is in the ledger. */
export class ReadingEnds extends Error {}

/** Tells what is wrong. */
export function fail(reading: Reading, at: Argument, { problem, advice }: Fault): void {
  reading.problems += 1;
  reading.ledger.fail(at, problem, advice);
  if (reading.problems < limits.problems) return;
  reading.ledger.fail(
    at,
    `${limits.problems} things are wrong up to here`,
    'mend them: the rest was not read',
  );
  throw new ReadingEnds();
}

/** Tells what is wrong and reads no further. */
export function giveUp(reading: Reading, at: Argument, { problem, advice }: Fault): never {
  reading.ledger.fail(at, problem, advice);
  throw new ReadingEnds();
}
