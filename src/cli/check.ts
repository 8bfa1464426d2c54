import { HttpdConfError } from '../httpd-conf/conf-error.ts';
import { askConf } from './ask-conf.ts';
import { ExitCode, type Io } from './io.ts';
import { readQuestion } from './made-up-request.ts';
import { createPaint } from './paint.ts';
import type { Call } from './parse-call.ts';
import { printAnswer } from './print-answer.ts';
import { printNotices, printSum, sumUp } from './print-notices.ts';
import { readConf } from './read-conf.ts';

/** `check`: what becomes of each directive, and of a request. Fails where something is dropped. */
export async function runCheck({ file, values }: Call<'check'>, io: Io): Promise<ExitCode> {
  const question = readQuestion(values);
  const conf = await readConf(file, values, io).catch((error: unknown) => {
    if (values.json && error instanceof HttpdConfError) io.out(printJson({ problems: error.problems }));
    throw error;
  });
  const notices = values.quiet ? conf.notices.filter(({ kind }) => kind !== 'taken') : conf.notices;
  const sum = sumUp(conf.notices);
  const answer = question && (await askConf(conf, question));
  if (values.json) io.out(printJson({ notices, sum, request: answer }));
  else {
    const paint = createPaint(io.isColoured.out);
    const parts = [
      printNotices(notices, paint),
      `${printSum(sum, paint)}\n`,
      answer && printAnswer(answer, paint),
    ];
    io.out(parts.filter((part) => part !== undefined && part !== '').join('\n'));
  }
  return sum.dropped > 0 ? ExitCode.failed : ExitCode.ok;
}

function printJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
