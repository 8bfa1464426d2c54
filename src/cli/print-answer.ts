import type { Answer } from './ask-conf.ts';
import { client } from './made-up-request.ts';
import { printSafely, type Paint } from './paint.ts';

/** What would become of a request, for people: a line for each step, and why each other member would not get it. */
export function printAnswer({ method, url, member, memberUrl, members, text }: Answer, paint: Paint): string {
  const steps = [...text.split('\n'), ...(memberUrl === undefined ? [] : [`Asked for: ${memberUrl}`])];
  const others = members.filter(({ name }) => name !== member);
  return [
    paint('bold', printSafely(`${method} ${url}, asked from ${client}`)),
    ...steps.map((step) => `  ${printSafely(step)}`),
    ...others.map(({ name, text: why }) => paint('dim', `  Not ${printSafely(name)}: ${printSafely(why)}`)),
    '',
  ].join('\n');
}
