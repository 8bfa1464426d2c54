import type { HttpdConf, HttpdMount, Notice } from '../httpd-conf.ts';
import type { Place } from '../syntax/directive.ts';
import { printInComment } from './print-text.ts';

/** What a module says of where it comes from; each text is one line. */
export type Origins = Readonly<{
  /** From which file, and what of it does nothing or something else. */
  head: readonly string[];
  /** The lines that say something of a balancer. */
  ofBalancer(name: string, mounts: readonly HttpdMount[]): readonly string[];
  /** The line that something was written in. */
  ofPlace(place: Place | undefined): readonly string[];
}>;

/** Reads the notices once. */
export function findOrigins({ notices }: HttpdConf, source: string): Origins {
  const byPlace = Map.groupBy(notices, keyOf);
  const byName = Map.groupBy(
    notices.flatMap((notice) => findNames(notice).map((name) => ({ name, notice }))),
    ({ name }) => name,
  );
  const ranks = new Map(notices.map((notice, i) => [notice, i]));
  const findAt = (place: Place | undefined): readonly Notice[] =>
    place === undefined ? [] : (byPlace.get(keyOf(place))?.slice(0, 1) ?? []);
  return {
    head: [
      comment(`Made from ${source} by express-proxy-balancer convert.`),
      ...list('Taken with a difference:', notices, 'different'),
      ...list('Dropped:', notices, 'dropped'),
    ],
    ofBalancer(name, mounts) {
      const named = byName.get(name.toLowerCase())?.map(({ notice }) => notice) ?? [];
      const its = new Set([...named, ...mounts.flatMap(({ place }) => findAt(place))]);
      return [...its].toSorted((one, other) => ranks.get(one)! - ranks.get(other)!).map(printOrigin);
    },
    ofPlace: (place) => findAt(place).map(printOrigin),
  };
}

function list(title: string, notices: readonly Notice[], kind: Notice['kind']): readonly string[] {
  const its = notices.filter((notice) => notice.kind === kind);
  if (its.length === 0) return [];
  return [
    '//',
    comment(title),
    ...its.flatMap((notice) => [comment(describe(notice), 2), comment(notice.why, 6)]),
  ];
}

/** The balancers that a directive names, in lower case. */
function findNames({ directive, kind }: Notice): readonly string[] {
  if (kind === 'dropped') return [];
  return [...directive.matchAll(/balancer:\/\/([^/\s">$?]+)/gi)].map(([, name]) => name!.toLowerCase());
}

function keyOf({ file, line }: Place): string {
  return `${line} ${file}`;
}

function printOrigin(notice: Notice): string {
  return comment(describe(notice));
}

function describe({ file, line, directive }: Notice): string {
  return `${file}:${line} ${directive}`;
}

function comment(text: string, indent = 0): string {
  return `// ${' '.repeat(indent)}${printInComment(text)}`.trimEnd();
}
