import type { HttpdConf, HttpdConfOptions } from '../httpd-conf/httpd-conf.ts';
import { readHttpdConf } from '../httpd-conf/read-httpd-conf.ts';
import { UsageError, type Io } from './io.ts';
import type { ReadingValues } from './parse-call.ts';

/** Reads the configuration that a command was called with. */
export async function readConf(
  file: string,
  values: ReadingValues,
  io: Pick<Io, 'readInput'>,
): Promise<HttpdConf> {
  const options = readOptions(values);
  return readHttpdConf(file === '-' ? await io.readInput() : { file }, options);
}

/** @throws {UsageError} when an option has a value that it cannot have. */
export function readOptions(values: ReadingValues): HttpdConfOptions {
  const { define = [], compat, 'server-root': serverRoot } = values;
  if (compat !== undefined && compat !== 'httpd') {
    throw new UsageError(`--compat is '${compat}': write --compat httpd, or leave it out`);
  }
  return {
    defines: readDefines(define),
    ...(serverRoot !== undefined && { serverRoot }),
    ...(compat !== undefined && { compat }),
  };
}

function readDefines(define: readonly string[]): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    define.map((text) => {
      const [, name, value] = /^([^\s:=]+)(?:=([^]*))?$/.exec(text) ?? [];
      if (name === undefined) {
        throw new UsageError(
          `-D is '${text}': write a name without blanks and colons, and =VALUE if it has one`,
        );
      }
      return [name, value];
    }),
  );
}
