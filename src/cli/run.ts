import { runCheck } from './check.ts';
import { runConvert } from './convert.ts';
import { generalHelp, helpOf } from './help.ts';
import { ExitCode, UsageError, type Io } from './io.ts';
import { createPaint, printLinesSafely } from './paint.ts';
import { optionsOf, parseCall, type Call, type CommandName } from './parse-call.ts';
import { readVersion } from './read-version.ts';
import { runServe } from './serve.ts';
import { tellFailure } from './tell-failure.ts';

type Run<Name extends CommandName> = (call: Call<Name>, io: Io) => Promise<ExitCode>;

const runs: { readonly [Name in CommandName]: Run<Name> } = {
  serve: runServe,
  convert: runConvert,
  check: runCheck,
};

/** Runs what the command was called with, and returns its exit code. Throws only what is a mistake of its own. */
export async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  try {
    return await dispatch(args, io);
  } catch (error) {
    const paint = createPaint(io.isColoured.err);
    if (error instanceof UsageError) {
      const [first = ''] = args;
      const about = isCommand(first) ? `${first} --help` : '--help';
      io.err(`${paint('red', 'error:')} ${printLinesSafely(error.message)}\n`);
      io.err(`See express-proxy-balancer ${about}\n`);
      return ExitCode.usage;
    }
    const told = tellFailure(error);
    if (told === undefined) throw error;
    io.err(`${paint('red', 'error:')} ${printLinesSafely(told)}\n`);
    return ExitCode.failed;
  }
}

async function dispatch(args: readonly string[], io: Io): Promise<ExitCode> {
  const [name, ...rest] = args;
  if (name === '--version') {
    io.out(`${readVersion()}\n`);
    return ExitCode.ok;
  }
  if (name === '--help' || name === '-h' || name === 'help') {
    const [about] = rest;
    if (about !== undefined && !isCommand(about))
      throw new UsageError(`'${about}' is no command: write serve, convert or check`);
    io.out(about === undefined ? generalHelp : helpOf(about));
    return ExitCode.ok;
  }
  if (name === undefined) throw new UsageError('no command: write serve, convert or check, and a FILE');
  if (!isCommand(name)) {
    throw new UsageError(`'${name}' is no command: write serve, convert or check`);
  }
  return runNamed(name, rest, io);
}

async function runNamed(name: CommandName, args: readonly string[], io: Io): Promise<ExitCode> {
  const call = parseCall(name, args);
  // Each takes the call that its own options make.
  if (call) return (runs[name] as Run<CommandName>)(call, io);
  io.out(helpOf(name));
  return ExitCode.ok;
}

function isCommand(name: string): name is CommandName {
  return Object.hasOwn(optionsOf, name);
}
