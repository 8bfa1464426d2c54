import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  statSync,
  type Stats,
} from 'node:fs';
import { resolve } from 'node:path';
import { TextDecoder } from 'node:util';
import type { Fault } from '../../definition/problem.ts';
import { limits } from './limits.ts';
import type { ConfReader } from './reader.ts';

// Windows has no O_NONBLOCK, whatever its type says.
const openFlags = constants.O_RDONLY | ((constants.O_NONBLOCK as number | undefined) ?? 0);

/** Files as they lie on this machine. */
export const confFiles: ConfReader = {
  look(path) {
    try {
      const stats = statSync(path, { throwIfNoEntry: false });
      return stats ? kindOf(stats) : 'missing';
    } catch {
      return 'unknown';
    }
  },
  list(folder) {
    try {
      return readdirSync(folder).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    } catch (error) {
      return blame(error, folder);
    }
  },
  read(path) {
    try {
      // Before it is opened, too: to open a FIFO or a device can wait, or do something.
      if (kindOf(statSync(path)) !== 'file') return refuse(path);
      const file = openSync(path, openFlags);
      try {
        return kindOf(fstatSync(file)) === 'file' ? readText(file, path) : refuse(path);
      } finally {
        closeSync(file);
      }
    } catch (error) {
      return blame(error, path);
    }
  },
  identify(path) {
    try {
      return realpathSync(path);
    } catch {
      return resolve(path);
    }
  },
};

function kindOf(stats: Stats): 'file' | 'folder' | 'other' {
  if (stats.isFile()) return 'file';
  return stats.isDirectory() ? 'folder' : 'other';
}

/** Read to the limit, whatever size it claims: files under /proc claim none. */
function readText(file: number, path: string): string | Fault {
  const bytes = Buffer.alloc(Math.min(fstatSync(file).size, limits.file) + 64 * 1024);
  const chunks: Buffer[] = [];
  let length = 0;
  while (length <= limits.file) {
    const count = readSync(file, bytes, 0, bytes.length, null);
    if (count === 0) return decode(Buffer.concat(chunks), path);
    chunks.push(Buffer.from(bytes.subarray(0, count)));
    length += count;
  }
  return {
    problem: `${path} is longer than ${limits.file} bytes`,
    advice: 'is this the right file? Include smaller ones',
  };
}

function decode(bytes: Buffer, path: string): string | Fault {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return { problem: `${path} is UTF-16`, advice: 'save it as UTF-8' };
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // httpd takes bytes as they are: each is a character then.
    return bytes.toString('latin1');
  }
}

function refuse(path: string): Fault {
  return { problem: `${path} is not a regular file`, advice: 'name a file' };
}

function blame(error: unknown, path: string): Fault {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return { problem: `there is no file ${path}`, advice: 'write the path of a file' };
  if (code === 'EACCES' || code === 'EPERM') {
    return { problem: `${path} may not be read`, advice: 'let the user of this process read it' };
  }
  return { problem: `${path} cannot be read (${String(code ?? error)})`, advice: 'write the path of a file' };
}
