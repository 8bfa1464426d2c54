import { writeFile } from 'node:fs/promises';
import { printModule } from '../httpd-conf/convert/print-module.ts';
import { ExitCode, type Io } from './io.ts';
import { createPaint } from './paint.ts';
import type { Call } from './parse-call.ts';
import { printNotices, printSum, sumUp } from './print-notices.ts';
import { readConf } from './read-conf.ts';

/** `convert`: the configuration as a TypeScript module. */
export async function runConvert({ file, values }: Call<'convert'>, io: Io): Promise<ExitCode> {
  const conf = await readConf(file, values, io);
  const text = printModule(conf, { source: file === '-' ? 'standard input' : file });
  if (values.output === undefined) io.out(text);
  else await writeFile(values.output, text);
  const paint = createPaint(io.isColoured.err);
  io.err(
    printNotices(
      conf.notices.filter(({ kind }) => kind !== 'taken'),
      paint,
    ),
  );
  io.err(`${printSum(sumUp(conf.notices), paint)}\n`);
  return ExitCode.ok;
}
