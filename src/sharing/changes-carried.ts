import { checkCarried } from '../changes/check-carried.ts';
import { copyJson } from '../changes/copy-json.ts';
import type { Deed } from '../changes/change.ts';
import { spellOutFlags } from '../changes/flags.ts';
import { DefinitionError, type Options } from '../definition/problem.ts';

/** What of some options other processes can be told, and what only this one can do. */
export type Split = Readonly<{ shared: Options; own: Options }>;

/** Parts the options of a change by whether they can be carried: functions, patterns and secrets cannot. */
export function splitOptions(kind: Deed['kind'], options: Options): Split {
  const shared: Record<string, unknown> = {};
  const own: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const copy = copyJson({ [name]: value }) as Options | undefined;
    const isCarried = copy !== undefined && checkCarried(kind, copy, '').length === 0;
    if (isCarried) shared[name] = copy[name];
    else own[name] = value;
  }
  return { shared, own };
}

/** The definition of a member as others can be told of it; undefined: they cannot. */
export function carryMember(member: unknown): Options | undefined {
  const copy = copyJson(typeof member === 'string' ? { url: member } : member) as Options | undefined;
  if (copy === undefined || typeof copy !== 'object') return undefined;
  return checkCarried('add', copy, 'member').length === 0 ? copy : undefined;
}

/** Every option of a record that somebody has handed in, inherited ones too, each read once. */
export function readOptions(value: object): Options {
  const options: Record<string, unknown> = {};
  for (const name in value) options[name] = (value as Options)[name];
  return options;
}

/** Flags one by one; undefined: it speaks of what is not changed so. */
export function spell(options: Options): Options | undefined {
  try {
    return spellOutFlags(options);
  } catch (error) {
    if (error instanceof DefinitionError) return undefined;
    throw error;
  }
}
