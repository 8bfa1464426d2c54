import { parseArgs, type ParseArgsConfig } from 'node:util';
import { findNearest } from '../definition/spelling.ts';
import { UsageError } from './io.ts';

type Options = NonNullable<ParseArgsConfig['options']>;

/** Options of every command. */
const common = { help: { type: 'boolean', short: 'h' } } as const satisfies Options;

/** Options of every command that reads a configuration. */
const reading = {
  ...common,
  define: { type: 'string', short: 'D', multiple: true },
  compat: { type: 'string' },
  'server-root': { type: 'string' },
} as const satisfies Options;

const serving = {
  ...reading,
  listen: { type: 'string', multiple: true },
  log: { type: 'boolean' },
} as const satisfies Options;

const converting = { ...reading, output: { type: 'string', short: 'o' } } as const satisfies Options;

const checking = {
  ...reading,
  url: { type: 'string' },
  cookie: { type: 'string', multiple: true },
  header: { type: 'string', multiple: true },
  method: { type: 'string' },
  json: { type: 'boolean' },
  quiet: { type: 'boolean' },
} as const satisfies Options;

/** The options of each command. */
export const optionsOf = { serve: serving, convert: converting, check: checking } as const;

export type CommandName = keyof typeof optionsOf;

type Parsed<Name extends CommandName> = ReturnType<
  typeof parseArgs<{ options: (typeof optionsOf)[Name]; allowPositionals: true }>
>;

/** What a command was called with, its FILE aside. */
export type Values<Name extends CommandName> = Parsed<Name>['values'];

/** How the configuration is to be read. */
export type ReadingValues = Pick<Values<'serve'>, 'define' | 'compat' | 'server-root'>;

/** A command's options and the FILE; undefined: its help is wanted. */
export type Call<Name extends CommandName> = Readonly<{ file: string; values: Values<Name> }>;

/**
 * Reads what a command was called with.
 *
 * @throws {UsageError} with what to write instead.
 */
export function parseCall<Name extends CommandName>(
  name: Name,
  args: readonly string[],
): Call<Name> | undefined {
  const { values, positionals } = parse(name, args);
  if ((values as { help?: boolean }).help) return undefined;
  const [file, ...others] = positionals;
  if (file === undefined || file === '')
    throw new UsageError(`${name} needs a FILE: write its path, or - for standard input`);
  if (others.length > 0) {
    throw new UsageError(`${name} takes one FILE, and '${others[0]!}' is a second: use Include for several`);
  }
  return { file, values };
}

function parse<Name extends CommandName>(name: Name, args: readonly string[]): Parsed<Name> {
  try {
    return parseArgs({ args: [...args], options: optionsOf[name], allowPositionals: true });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code?.startsWith('ERR_PARSE_ARGS_')) throw new UsageError(adviseOn(message, name));
    throw error;
  }
}

/** Node's own sentence, without its second one, which is about its parser; for a misspelt option with the right spelling. */
function adviseOn(message: string, name: CommandName): string {
  const [sentence = ''] = message.split(/\. (?:To specify|Did you)|\n/);
  const [, given] = /^Unknown option '-*([^']*)'/.exec(sentence) ?? [];
  const meant = given && findNearest(given, Object.keys(optionsOf[name]));
  return meant ? `${sentence}: write --${meant}` : sentence;
}
