import { isArray, quote } from '../../definition/describe.ts';
import { isString } from '../../definition/judges.ts';
import { checkBy, stateProblem, type Check, type Fault } from '../../definition/problem.ts';
import { parseHost } from './host.ts';

const example = "write names such as ['ops.example.com', 'localhost:8080']";

/** The check of `hosts`. */
export const checkHosts: Check = (value, path) => {
  if (!isArray(value)) {
    const advice = isString(value) ? `write [${quote(value)}]` : example;
    return [stateProblem(path, value, { problem: 'it must be a list of hosts', advice })];
  }
  if (value.length === 0) {
    const fault = { problem: 'nobody could reach the manager', advice: 'leave it out for any host' };
    return [stateProblem(path, value, fault)];
  }
  return value.flatMap((host, i) => checkHost(host, `${path}[${i}]`));
};

const checkHost = checkBy(judgeHost);

function judgeHost(value: unknown): Fault | undefined {
  if (!isString(value)) return { problem: 'it is no host', advice: example };
  if (parseHost(value) !== undefined) return undefined;
  if (value.includes('*')) return { problem: 'a host is named in full', advice: 'write each of them' };
  const written = /^https?:\/\/([^/?#@]+)/i.exec(value)?.[1];
  if (written !== undefined && parseHost(written) !== undefined)
    return { problem: 'it is a URL, and a host decides', advice: `write ${quote(written)}` };
  if (value.includes(':') && parseHost(`[${value}]`) !== undefined)
    return { problem: 'an IPv6 address as a host is in brackets', advice: `write ${quote(`[${value}]`)}` };
  return { problem: 'it is no host', advice: example };
}
