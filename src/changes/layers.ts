import { isDeepStrictEqual } from 'node:util';
import type { Options } from '../definition/problem.ts';

/** One parameter, flag or option that changes in force speak of. */
export type Field = Readonly<{
  /** What it was before those that are heard, and is again when they have ended. */
  base: unknown;
  /** What it was when it was last looked at: another value now is somebody else's. */
  put: unknown;
  /** Ids of the changes that speak of it, in their order: the last one holds. */
  heard: readonly string[];
  /** Those that somebody else has gone over: they are in force, but say nothing of this any more. */
  overruled: readonly string[];
}>;

/** By name. */
export type Fields = ReadonlyMap<string, Field>;

/** What one change in force says. */
export type Voice = Readonly<{ id: string; values: Options }>;

/** What the fields come to, and what is to be written for that. */
export type Settled = Readonly<{ fields: Fields; writes: Options }>;

/**
 * The fields when these changes are in force, in the order in which they were made. Of each field holds what the topmost
 * says that speaks of it, else what it was before; what somebody else has set since it was last looked at stays until
 * another change is made on top. `read`: the value that holds now.
 */
export function settle(before: Fields, voices: readonly Voice[], read: (name: string) => unknown): Settled {
  const names = new Set([...before.keys(), ...voices.flatMap(({ values }) => Object.keys(values))]);
  const fields = new Map<string, Field>();
  const writes: Record<string, unknown> = {};
  for (const name of names) {
    const now = read(name);
    const known = before.get(name);
    const isForeign = known !== undefined && !isDeepStrictEqual(now, known.put);
    const silent = new Set([...(known?.overruled ?? []), ...(isForeign ? known.heard : [])]);
    const speaking = voices.filter(({ values }) => Object.hasOwn(values, name));
    const heard = speaking.filter(({ id }) => !silent.has(id));
    const overruled = speaking.filter(({ id }) => silent.has(id));
    const base = known === undefined || isForeign ? now : known.base;
    if (speaking.length > 0)
      fields.set(name, { base, put: now, heard: heard.map(toId), overruled: overruled.map(toId) });
    const top = heard.at(-1);
    const hadTop = isForeign ? undefined : known?.heard.at(-1);
    const wanted = top ? top.values[name] : base;
    if (top?.id !== hadTop && !isDeepStrictEqual(wanted, now)) writes[name] = wanted;
  }
  return { fields, writes };
}

/** The fields after they were written: from now on, another value is somebody else's. */
export function confirm(fields: Fields, read: (name: string) => unknown): Fields {
  return new Map([...fields].map(([name, field]) => [name, { ...field, put: read(name) }]));
}

function toId({ id }: Voice): string {
  return id;
}
