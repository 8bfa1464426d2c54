import type { Change } from '../../changes/change.ts';
import type { BalancerReport, HealthReport, MemberReport, Report } from '../survey/report.ts';
import { formatBytes, formatCount, formatMs, formatRate, formatRest, formatSpan, nothing } from './format.ts';
import { makeId } from './ids.ts';
import { formatTime } from './moment.ts';
import { tellCounted, tellSharing } from './sharing-words.ts';
import { isServing, tellStates, type Kind } from './state-words.ts';

/** A text that moves. */
export type Cell = Readonly<{ text: string; kind?: Kind }>;

/** Every text of the page that moves, by the id that its `data-cell` has. */
export function listCells(report: Report): ReadonlyMap<string, Cell> {
  const cells = new Map<string, Cell>();
  const put = (owner: string, own: Readonly<Record<string, Cell>>): void => {
    for (const [name, cell] of Object.entries(own)) cells.set(`${owner}/${name}`, cell);
  };
  put('page', { at: { text: formatTime(report.at) } });
  for (const balancer of report.balancers) {
    put(makeId('b', balancer.id), listBalancerCells(balancer, report.at));
    put(makeId('n', balancer.id), { state: tellMembers(balancer) });
    for (const member of balancer.members)
      put(makeId('m', balancer.id, member.name), listMemberCells(member, report.at));
  }
  for (const change of report.changes) {
    const rest = tellRest(change, report.at);
    if (rest !== undefined) cells.set(`${makeId('c', change.id)}/rest`, { text: rest });
  }
  return cells;
}

/** How long a change holds yet: `for 12 min more`. */
function tellRest({ state, until }: Change, now: number): string | undefined {
  return state === 'in-force' && until !== undefined ? `for ${formatSpan(until - now)} more` : undefined;
}

function listBalancerCells(balancer: BalancerReport, now: number): Readonly<Record<string, Cell>> {
  const { inFlight, requests, errors, rate, sharing } = balancer;
  return {
    members: tellMembers(balancer),
    rate: { text: formatRate(rate) },
    inFlight: { text: formatCount(inFlight) },
    waiting: tellWaiting(balancer),
    requests: { text: formatCount(requests) },
    errors: tellErrors(errors),
    ...(sharing && { sharing: tellSharing(sharing, now), counted: { text: tellCounted(sharing) } }),
  };
}

/** Each process has a queue of its own. */
function tellWaiting({ waiting, queueLength, processes = [] }: BalancerReport): Cell {
  const most = processes.length > 0 ? Math.max(...processes.map((each) => each.waiting)) : waiting;
  return {
    text: `${formatCount(waiting)} of ${formatCount(queueLength)}${processes.length > 1 ? ' each' : ''}`,
    kind: most >= queueLength && most > 0 ? 'bad' : waiting > 0 ? 'warn' : 'none',
  };
}

function tellMembers({ members }: BalancerReport): Cell {
  const serving = members.filter(({ states }) => isServing(states)).length;
  const kind = serving === members.length ? 'ok' : serving === 0 ? 'bad' : 'warn';
  return { text: `${formatCount(serving)} of ${formatCount(members.length)} serving`, kind };
}

function listMemberCells(member: MemberReport, now: number): Readonly<Record<string, Cell>> {
  const { quantiles, retryInMs, sent, received } = member;
  return {
    state: tellStates(member.states),
    letters: { text: member.status },
    retry: { text: retryInMs === undefined ? '' : `tried again in ${formatRest(retryInMs)}` },
    elected: { text: formatCount(member.elected) },
    busy: tellBusy(member),
    rate: { text: formatRate(member.rate), ...(member.rate === 0 && { kind: 'none' }) },
    sent: { text: formatBytes(sent) },
    received: { text: formatBytes(received) },
    sentExactly: { text: formatCount(sent) },
    receivedExactly: { text: formatCount(received) },
    errors: tellErrors(member.failures),
    p50: tellMs(quantiles?.p50),
    p95: tellMs(quantiles?.p95),
    p99: tellMs(quantiles?.p99),
    mean: tellMs(member.responseMs),
    retries: { text: formatCount(member.retries) },
    lbstatus: { text: formatCount(member.lbstatus) },
    sessions:
      member.sessions === undefined
        ? { text: nothing, kind: 'none' }
        : { text: formatCount(member.sessions) },
    ...(member.health && listHealthCells(member.health, now)),
  };
}

/** What others have under way takes nobody's place here: `max` is of each process. */
function tellBusy({ busy, max, own }: MemberReport): Cell {
  const here = own?.busy ?? busy;
  const elsewhere = busy - here;
  const most = max === undefined ? '' : ` of ${formatCount(max)}`;
  return {
    text:
      elsewhere > 0 && max !== undefined
        ? `${formatCount(busy)}, here ${formatCount(here)}${most}`
        : `${formatCount(busy)}${most}`,
    ...(max !== undefined && here >= max && { kind: 'warn' }),
    ...(busy === 0 && { kind: 'none' }),
  };
}

function tellErrors(count: number): Cell {
  return { text: formatCount(count), kind: count > 0 ? 'warn' : 'none' };
}

function tellMs(ms: number | undefined): Cell {
  return { text: formatMs(ms), ...(ms === undefined && { kind: 'none' }) };
}

function listHealthCells(health: HealthReport, now: number): Readonly<Record<string, Cell>> {
  const { passed, passes, failed, fails, last } = health;
  if (last === undefined) {
    const unknown: Cell = { text: 'no check yet', kind: 'none' };
    return { health: unknown, lastCheck: unknown };
  }
  const ago = formatSpan(Math.max(0, now - last.at));
  return {
    // Only what could change something counts: of a member that is up the failed ones, of one that is down the passed ones.
    health: last.passed
      ? {
          text: passed > 0 ? `passed ${formatCount(passed)} of ${formatCount(passes)}` : 'passes',
          kind: 'ok',
        }
      : {
          text: failed > 0 ? `failed ${formatCount(failed)} of ${formatCount(fails)}` : 'fails',
          kind: 'bad',
        },
    lastCheck: { text: `${ago} ago: ${last.why}`, kind: last.passed ? 'ok' : 'bad' },
  };
}
