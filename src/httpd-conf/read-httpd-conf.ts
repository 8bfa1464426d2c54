import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DefinitionError, isFault, stateProblem } from '../definition/problem.ts';
import { HttpdConfError } from './conf-error.ts';
import type { HttpdConf, HttpdConfOptions } from './httpd-conf.ts';
import { importConf } from './import/import-conf.ts';
import { createLedger, dropTheRest } from './ledger.ts';
import { checkConfOptions } from './syntax/check-options.ts';
import { confFiles } from './syntax/conf-files.ts';
import { parseConf, type ConfSource } from './syntax/parse-conf.ts';

/**
 * Reads a configuration of httpd or Ape: a text, or a file with all that it includes.
 *
 * @throws {HttpdConfError} with everything that is wrong in it: what httpd would not start with, a balancer that is nowhere
 * defined, more than is read (4 MiB a file, 1000 hosts, 2000 mounts, 5000 members), a file that cannot be read.
 * @throws {DefinitionError} where the options are wrong.
 */
export function readHttpdConf(
  source: string | Readonly<{ file: string | URL }>,
  options: HttpdConfOptions = {},
): HttpdConf {
  checkConfOptions(options);
  const ledger = createLedger();
  // A text may be somebody else's: without a folder to look in, it sees no files of this machine.
  const hasFiles = typeof source !== 'string' || options.serverRoot !== undefined;
  const items = parseConf(openSource(source), hasFiles ? confFiles : undefined, ledger, {
    ...options,
    env: options.env ?? process.env,
  });
  const conf = importConf(items, ledger, options);
  const problems = ledger.problems();
  if (problems.length > 0) throw new HttpdConfError(problems);
  dropTheRest(items, ledger);
  return { ...conf, notices: ledger.notices() };
}

function openSource(source: string | Readonly<{ file: string | URL }>): ConfSource {
  if (typeof source === 'string') return { text: source, file: 'httpd.conf' };
  const file = nameFile(source);
  const text = confFiles.read(file);
  if (!isFault(text)) return { text, file, folder: dirname(file) };
  throw new HttpdConfError([{ file, line: 1, column: 1, length: 1, text: '', ...text }]);
}

function nameFile(source: unknown): string {
  const file = typeof source === 'object' && source !== null && 'file' in source ? source.file : undefined;
  if (file instanceof URL && file.protocol === 'file:') return fileURLToPath(file);
  if (typeof file === 'string' && file !== '' && !file.includes('\0')) return file;
  throw new DefinitionError(
    [
      stateProblem('source', source, {
        problem: 'it must be the text of a configuration, or its file',
        advice: "write { file: '/etc/httpd/conf/httpd.conf' }",
      }),
    ],
    'What readHttpdConf is asked for',
  );
}
