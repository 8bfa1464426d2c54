import { isFault, type Fault } from '../../definition/problem.ts';
import { findNearest } from '../../definition/spelling.ts';
import type { Directive } from './directive.ts';
import { findFiles, findFolder } from './include.ts';
import { limits } from './limits.ts';
import type { Line } from './line.ts';
import { expandMacro } from './macros.ts';
import { nameLoaded } from './modules.ts';
import type { Macro, Reading } from './reading.ts';

/** What a directive that is done while the text is read leads to. */
export type Effect =
  /** It is done, and `why` says how. */
  | Readonly<{ kind: 'done'; why: string; isDifferent?: boolean }>
  /** It is an item like others, too. */
  | Readonly<{ kind: 'keep' }>
  /** These files are read now. */
  | Readonly<{ kind: 'files'; paths: readonly string[]; why: string; isDifferent: boolean }>
  /** These lines are read now. */
  | Readonly<{ kind: 'lines'; lines: readonly Line[]; macro: Macro; why: string }>;

type Act = (directive: Directive, reading: Reading) => Effect | Fault;

const acts: Readonly<Record<string, Act>> = {
  define({ args }, { defines, variables }) {
    const [name, value] = args.map(({ text }) => text);
    if (name === undefined || args.length > 2) {
      return { problem: 'Define takes a name, and a value if you like', advice: 'write Define NAME "value"' };
    }
    if (name.includes(':'))
      return { problem: 'a name has no colon', advice: `write ${name.replaceAll(':', '_')}` };
    defines.add(name);
    if (value !== undefined) variables.set(name.toLowerCase(), value);
    return {
      kind: 'done',
      why: value === undefined ? `${name} is defined` : `\${${name}} stands for ${value}`,
    };
  },
  undefine({ args }, { defines, variables }) {
    const [name] = args;
    if (args.length !== 1 || !name)
      return { problem: 'UnDefine takes one name', advice: 'write UnDefine NAME' };
    defines.delete(name.text);
    variables.delete(name.text.toLowerCase());
    return { kind: 'done', why: `${name.text} is not defined any more` };
  },
  include: (directive, reading) => include(directive, reading, false),
  includeoptional: (directive, reading) => include(directive, reading, true),
  serverroot({ args }, reading) {
    const [folder] = args;
    if (args.length !== 1 || !folder)
      return { problem: 'ServerRoot takes one folder', advice: 'write ServerRoot "/path"' };
    const { folders, reader } = reading;
    if (folders.given !== undefined && folders.given !== folder.text) {
      return {
        kind: 'done',
        isDifferent: true,
        why: `the option serverRoot says otherwise: paths begin at ${folders.given}`,
      };
    }
    if (folders.given !== undefined)
      return { kind: 'done', why: `paths in Include begin at ${folders.given}` };
    if (folders.own === undefined) return { kind: 'done', why: 'a text without a file includes no files' };
    if (reader?.look(folder.text) !== 'folder') {
      return {
        kind: 'done',
        isDifferent: true,
        why: `there is no such folder: paths in Include begin at ${folders.own}`,
      };
    }
    reading.serverRoot = folder.text;
    return { kind: 'done', why: `paths in Include begin at ${folder.text}` };
  },
  loadmodule({ args }, { modules }) {
    if (args.length !== 2) {
      return {
        problem: 'LoadModule takes a name and a file',
        advice: 'write LoadModule proxy_module modules/mod_proxy.so',
      };
    }
    for (const name of nameLoaded(args[0]!.text, args[1]!.text)) modules.add(name);
    return { kind: 'keep' };
  },
  use({ args }, { macros }) {
    const [name, ...values] = args;
    if (!name) return { problem: 'Use takes the name of a macro', advice: 'write Use Name value' };
    const macro = macros.get(name.text.toLowerCase());
    if (!macro) return refuseMacro(name.text, macros);
    const lines = expandMacro(macro, values, limits.line);
    if (isFault(lines)) return lines;
    return { kind: 'lines', lines, macro, why: `macro ${macro.name} of ${macro.where}` };
  },
  undefmacro({ args }, { macros }) {
    const [name] = args;
    if (args.length !== 1 || !name)
      return { problem: 'UndefMacro takes one name', advice: 'write UndefMacro Name' };
    if (!macros.delete(name.text.toLowerCase())) return refuseMacro(name.text, macros);
    return { kind: 'done', why: `macro ${name.text} is not defined any more` };
  },
  macroignoreemptyargs: () => ({ kind: 'done', why: 'no warning is given here' }),
  macroignorebadnesting: () => ({ kind: 'done', why: 'no warning is given here' }),
};

/** Does what is done while the text is read; undefined: this directive is not one of those. */
export function actAtOnce(directive: Directive, reading: Reading): Effect | Fault | undefined {
  return Object.hasOwn(acts, directive.key) ? acts[directive.key]!(directive, reading) : undefined;
}

function include({ args, name }: Directive, reading: Reading, isOptional: boolean): Effect | Fault {
  const [path] = args;
  if (args.length !== 1 || !path?.text)
    return { problem: `${name} takes one path`, advice: `write ${name} "conf.d/*.conf"` };
  const paths = findFiles(path.text, isOptional, reading);
  if (isFault(paths)) return paths;
  if (paths.length > 0) return { kind: 'files', paths, why: tellFiles(paths), isDifferent: false };
  const folder = findFolder(reading) ?? '';
  return {
    kind: 'files',
    paths,
    why: `there is nothing to include (paths begin at ${folder})`,
    isDifferent: isOptional,
  };
}

function tellFiles(paths: readonly string[]): string {
  if (paths.length === 1) return `included: ${paths[0]!}`;
  return `included ${paths.length} files: ${paths.slice(0, 5).join(', ')}${paths.length > 5 ? ', …' : ''}`;
}

function refuseMacro(name: string, macros: ReadonlyMap<string, Macro>): Fault {
  const nearest = findNearest(
    name,
    [...macros.values()].map((macro) => macro.name),
  );
  const advice = nearest === undefined ? 'write <Macro> before it is used' : `write ${nearest}`;
  return { problem: `there is no macro ${name} up to here`, advice };
}
