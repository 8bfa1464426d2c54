import { healthChecks } from '../../definition/check-health.ts';
import type { Fault } from '../../definition/problem.ts';
import { findNearest } from '../../definition/spelling.ts';
import type { Checks, MemberOptions } from './draft.ts';
import { countMs, readTime, readWhole, toReading, toTime, type Reading } from './values.ts';

type Read = (text: string, checks: Checks) => Reading<Partial<MemberOptions>> | Fault;

/** The parameters of mod_proxy_hcheck, by name in lower case. */
export const healthParameters: readonly (readonly [string, Read])[] = [
  ['hcmethod', readMethod],
  ['hcuri', readUri],
  ['hcinterval', readInterval],
  ['hcpasses', readCount('hcpasses')],
  ['hcfails', readCount('hcfails')],
  ['hcexpr', readExpr],
  ['hctemplate', readTemplate],
];

type Method = NonNullable<MemberOptions['hcmethod']>;

function readMethod(text: string): ReturnType<Read> {
  const hcmethod = text.toUpperCase();
  if (hcmethod === 'CPING')
    return { problem: 'CPING is for AJP, and members are spoken to in HTTP', advice: 'write hcmethod=GET' };
  const [problem] = healthChecks.hcmethod(hcmethod, '');
  if (problem) return { problem: 'there is no such check', advice: problem.advice.replaceAll("'", '') };
  return { options: { hcmethod: hcmethod as Method } };
}

function readUri(text: string): ReturnType<Read> {
  if (Buffer.byteLength(text) > 63)
    return { problem: 'hcuri has at most 63 bytes in httpd', advice: 'write a shorter path' };
  const hcuri = text.replace(/^\/+|^(?=[^/])/, '/');
  const [problem] = healthChecks.hcuri(hcuri, '');
  if (problem) return { problem: problem.problem, advice: problem.advice };
  if (hcuri === text) return { options: { hcuri } };
  return { options: { hcuri }, differs: `hcuri: ${hcuri} is asked for, with one slash` };
}

function readInterval(text: string): ReturnType<Read> {
  return toReading(readTime(text, 's'), (reading) =>
    countMs(reading.time, 's') < 100
      ? { problem: 'httpd allows no less than 100 ms', advice: 'write 100ms or more' }
      : toTime('hcinterval', reading),
  );
}

function readCount(name: 'hcpasses' | 'hcfails'): Read {
  return (text) =>
    toReading(readWhole(text, 0, 2 ** 31 - 1), (count) => ({
      options: { [name]: Math.max(count, 1) },
      ...(count !== 1 && {
        differs:
          count === 0
            ? `${name}: 0 is as good as 1`
            : `${name}: httpd counts in sum, here it is ${count} in a row`,
      }),
    }));
}

function readExpr(text: string, { exprs }: Checks): ReturnType<Read> {
  const hcexpect = exprs.get(text);
  return hcexpect === undefined ? tellUnknown('ProxyHCExpr', text, exprs.keys()) : { options: { hcexpect } };
}

// It is copied as it is now: what comes after it on the line goes over it.
function readTemplate(text: string, { templates }: Checks): ReturnType<Read> {
  const options = templates.get(text);
  return options === undefined ? tellUnknown('ProxyHCTemplate', text, templates.keys()) : { options };
}

function tellUnknown(directive: string, name: string, known: Iterable<string>): Fault {
  const nearest = findNearest(name, known);
  return {
    problem: `no ${directive} before it has this name`,
    advice: nearest === undefined ? `write ${directive} ${name} … above it` : `write ${nearest}`,
  };
}
