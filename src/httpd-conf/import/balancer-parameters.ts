import { checkLbmethod } from '../../definition/check-lbmethod.ts';
import { checkStickysession } from '../../definition/check-sessions.ts';
import type { Fault } from '../../definition/problem.ts';
import { translatePcre } from '../translate/pcre.ts';
import type { BalancerOptions } from './draft.ts';
import { readSeconds, readSwitch, readWhole, toReading, toTime, type Reading } from './values.ts';
import { dropRefused, leaveOut } from './worker-parameters.ts';

/** Reads the value of one parameter. */
export type ReadBalancerParameter = (text: string) => Reading<Partial<BalancerOptions>> | Fault;

type Flag = 'scolonpathdelim' | 'nofailover' | 'failontimeout' | 'forcerecovery';

const flag =
  (name: Flag): ReadBalancerParameter =>
  (text) =>
    toReading(readSwitch(text), (value) => ({ options: { [name]: value } }));

/** The parameters of balancers, by name in lower case. */
export const balancerParameters: ReadonlyMap<string, ReadBalancerParameter> = new Map<
  string,
  ReadBalancerParameter
>([
  ['lbmethod', readLbmethod],
  ['stickysession', readStickysession],
  ['stickysessionsep', readStickysessionsep],
  ['routeregex', readRouteregex],
  ['scolonpathdelim', flag('scolonpathdelim')],
  ['nofailover', flag('nofailover')],
  ['maxattempts', readMaxattempts],
  ['timeout', (text) => toTime('timeout', readSeconds(text, 1))],
  ['failonstatus', readFailonstatus],
  ['failontimeout', flag('failontimeout')],
  ['forcerecovery', flag('forcerecovery')],
  ['growth', (text) => toReading(readWhole(text, 1, 100), () => dropRefused('growth'))],
  ['nonce', () => dropRefused('nonce')],
]);

function readLbmethod(text: string): ReturnType<ReadBalancerParameter> {
  if (text === 'heartbeat')
    return {
      dropped: leaveOut(
        'lbmethod',
        'multicast heartbeats are superseded by health checks; write hcmethod on the members, and another lbmethod (without one it is byrequests)',
      ),
    };
  const [problem] = checkLbmethod(text, '');
  if (problem) {
    const advice = problem.advice.replaceAll("'", '').replace(' or a function', '');
    return { problem: 'there is no such method', advice };
  }
  const lbmethod = text as 'byrequests' | 'random';
  if (/^(byrequests|bytraffic|bybusyness)$/.test(text)) return { options: { lbmethod } };
  return { options: { lbmethod }, differs: `lbmethod: ${text} is of this library, httpd has no such method` };
}

function readStickysession(text: string): ReturnType<ReadBalancerParameter> {
  const [problem] = checkStickysession(text, '');
  if (text.trim() === '-') return { dropped: leaveOut('stickysession', '- stands for none') };
  if (problem) return { problem: problem.problem, advice: 'write stickysession=cookie or cookie|parameter' };
  return { options: { stickysession: text } };
}

function readStickysessionsep(text: string): ReturnType<ReadBalancerParameter> {
  if (/^off$/i.test(text)) return { options: { stickysessionsep: 'Off' } };
  if (text.length === 1) return { options: { stickysessionsep: text } };
  return { problem: 'a separator is one character, or Off', advice: 'write stickysessionsep=. or Off' };
}

function readRouteregex(text: string): ReturnType<ReadBalancerParameter> {
  return toReading(translatePcre(text), (routeregex) => ({ options: { routeregex } }));
}

function readMaxattempts(text: string): ReturnType<ReadBalancerParameter> {
  return toReading(readWhole(text, 0, 2 ** 31 - 1), (maxattempts) => ({ options: { maxattempts } }));
}

function readFailonstatus(text: string): ReturnType<ReadBalancerParameter> {
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  const statuses = words.map(Number);
  const isRight = words.length > 0 && words.every((word) => /^[1-5]\d\d$/.test(word));
  if (isRight) return { options: { failonstatus: [...new Set(statuses)] } };
  return { problem: 'it is a list of statuses from 100 to 599', advice: 'write failonstatus=500,503' };
}
