import { isAbsolute, posix, resolve, sep } from 'node:path';
import { isFault, type Fault } from '../../definition/problem.ts';
import { hasWildcards, matchName } from './glob.ts';
import { limits } from './limits.ts';
import type { ConfReader } from './reader.ts';
import type { Folders, Reading } from './reading.ts';

const longestPath = 4_000;

/** The folder at which paths begin; undefined: no file may be read. */
export function findFolder({ folders, serverRoot }: Reading): string | undefined {
  return folders.given ?? (folders.own === undefined ? undefined : (serverRoot ?? folders.own));
}

/** A path of the configuration as one that can be opened. */
export function placePath(path: string, folder: string, { folders }: Reading): string | Fault {
  const placed = isAbsolute(path) ? path : posix.join(folder, path);
  if (placed.length > longestPath || placed.includes('\0')) {
    return {
      problem: 'that is no path of a file',
      advice: `write one shorter than ${longestPath} characters`,
    };
  }
  return refuseOutside(resolve(placed), folders, resolve) ?? placed;
}

/** A text may be somebody else's: it sees the folder that it was given, and nothing else of this machine. */
export function refuseOutside(
  path: string,
  { own, given }: Folders,
  identify: (path: string) => string,
): Fault | undefined {
  if (own !== undefined || given === undefined) return undefined;
  const root = identify(given);
  if (path === root || path.startsWith(root.endsWith(sep) ? root : root + sep)) return undefined;
  return {
    problem: `it lies outside of ${given}`,
    advice: 'read the configuration by its file, or change the option serverRoot',
  };
}

/** The files that an Include names, in httpd's order. None: there are none, and they are optional. */
export function findFiles(path: string, isOptional: boolean, reading: Reading): readonly string[] | Fault {
  const { reader } = reading;
  const folder = findFolder(reading);
  if (!reader || folder === undefined) {
    return {
      problem: 'a text without a file includes no files',
      advice: 'give the option serverRoot, or read the configuration by its file: readHttpdConf({ file })',
    };
  }
  const placed = placePath(path, folder, reading);
  if (isFault(placed)) return placed;
  if (!hasWildcards(path)) return openPath(placed, isOptional, reader, 0);
  // The folder is none of the configuration's words: what looks like a wildcard in it is a letter.
  return expand(isAbsolute(path) ? '' : folder, posix.normalize(path), isOptional, reader);
}

function openPath(
  path: string,
  isOptional: boolean,
  reader: ConfReader,
  depth: number,
): readonly string[] | Fault {
  switch (reader.look(path)) {
    case 'file':
    case 'unknown':
      return [path];
    case 'folder':
      return openFolder(path, isOptional, reader, depth);
    case 'other':
      return path === '/dev/null'
        ? []
        : { problem: `${path} is not a regular file`, advice: 'name a file or a folder of files' };
    case 'missing':
      if (isOptional) return [];
      return {
        problem: `there is no ${path}`,
        advice: 'write the path of a file or folder, or IncludeOptional',
      };
  }
}

function openFolder(
  path: string,
  isOptional: boolean,
  reader: ConfReader,
  depth: number,
): readonly string[] | Fault {
  if (depth >= limits.folders) {
    return {
      problem: `${path} lies ${limits.folders} folders deep`,
      advice: 'look for a link that leads back up',
    };
  }
  const names = reader.list(path);
  if (isFault(names)) return names;
  return gather(names, (name) => openPath(posix.join(path, name), isOptional, reader, depth + 1));
}

/** Files below a folder that fit a path with wildcards, segment by segment. */
function expand(
  start: string,
  path: string,
  isOptional: boolean,
  reader: ConfReader,
): readonly string[] | Fault {
  const segments = path.split('/');
  const walk = (folder: string, at: number): readonly string[] | Fault => {
    const segment = segments[at];
    if (segment === undefined) return openPath(folder, isOptional, reader, 0);
    // An absolute path begins with an empty one.
    if (!hasWildcards(segment)) return walk(posix.join(folder, segment || '/'), at + 1);
    const names = reader.look(folder) === 'folder' ? reader.list(folder) : [];
    if (isFault(names)) return names;
    const isLast = at === segments.length - 1;
    const fitting = names.filter(
      (name) => matchName(segment, name) && (isLast || reader.look(posix.join(folder, name)) === 'folder'),
    );
    if (fitting.length === 0 && !isOptional) {
      return {
        problem: `nothing in ${folder} fits ${segment}`,
        advice: 'write IncludeOptional if that may be',
      };
    }
    return gather(fitting, (name) => walk(posix.join(folder, name), at + 1));
  };
  return walk(start, 0);
}

function gather(
  names: readonly string[],
  find: (name: string) => readonly string[] | Fault,
): readonly string[] | Fault {
  const files: string[] = [];
  for (const name of names) {
    const found = find(name);
    if (isFault(found)) return found;
    for (const file of found) files.push(file);
    if (files.length > limits.files) {
      return { problem: `it names more than ${limits.files} files`, advice: 'include fewer' };
    }
  }
  return files;
}
