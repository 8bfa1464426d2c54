import { dateChanges } from './changelog.ts';
import { findNextVersion } from './version.ts';

/** The files that a release changes: their texts, by their paths. */
export type Files = Readonly<Record<(typeof paths)[number], string>>;

/** A release: its version, and the files as they are to be. */
export type Plan = Readonly<{ version: string; tag: string; files: Files }>;

/** Where the version is written, and what tells of it. */
export const paths = ['package.json', 'package-lock.json', 'src/redis/format.ts', 'CHANGELOG.md'] as const;

/** By file, each place where it names the version. */
const places: Readonly<Partial<Record<(typeof paths)[number], readonly RegExp[]>>> = {
  'package.json': [/^ {2}"version": "(.*)"/m],
  // Of the lock file, and of the package itself, which stands first among the packages.
  'package-lock.json': [/^ {2}"version": "(.*)"/m, /^ {6}"version": "(.*)"/m],
  'src/redis/format.ts': [/^export const version = '(.*)'/m, /^\/\*\* What stands in Redis: `\d+ (.*)`/m],
};

/** Every place that names the version, and which it names. Throws an Error where one is not found. */
export function listVersions(files: Files): readonly Readonly<{ path: string; version: string }>[] {
  return paths.flatMap((path) =>
    (places[path] ?? []).map((place) => {
      const version = place.exec(files[path])?.[1];
      if (version === undefined) throw new Error(`${path} does not name the version where ${String(place)}`);
      return { path, version };
    }),
  );
}

/** Throws an Error that says what is wrong unless every place names the version. */
export function checkVersions(files: Files, version: string): void {
  const others = listVersions(files).filter((each) => each.version !== version);
  if (others.length === 0) return;
  const told = others.map((each) => `${each.path} has ${each.version}`).join(', ');
  throw new Error(`not every file has version ${version}: ${told}`);
}

/** Plans a release on a day (`2026-11-22`). Throws an Error that says what is in its way. */
export function planRelease(files: Files, wish: string, date: string): Plan {
  const current = listVersions(files)[0]!.version;
  checkVersions(files, current);
  const version = findNextVersion(current, wish);
  const entries = paths.map((path) => {
    const text = (places[path] ?? []).reduce(
      (changed, place) => changed.replace(place, (found) => found.replace(current, version)),
      files[path],
    );
    return [path, path === 'CHANGELOG.md' ? dateChanges(text, version, date) : text] as const;
  });
  return { version, tag: `v${version}`, files: Object.fromEntries(entries) as Files };
}
