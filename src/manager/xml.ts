import { parseDuration } from '../definition/duration.ts';
import { isFault } from '../definition/problem.ts';
import { Status, statusLetters } from '../member/status.ts';
import type { Answer } from './route.ts';
import type { BalancerReport, MemberReport, Report, SharingSeen } from './survey/report.ts';

/** An element: its name, and what is in it. `undefined`: httpd leaves it out too. */
type Element = readonly [name: string, content: string | number | readonly Element[] | undefined];

/**
 * What httpd's balancer-manager answers to `?xml=1`: its elements in its order, times in seconds, `acquire` and
 * `connectiontimeout` in milliseconds. Without the nonce, which is a secret; with `sharing` where a balancer has a state.
 */
export function answerXml({ balancers }: Pick<Report, 'balancers'>): Answer {
  const manager: Element = ['balancers', balancers.map(listBalancer)];
  const body = [
    "<?xml version='1.0' encoding='UTF-8' ?>",
    "<httpd:manager xmlns:httpd='http://httpd.apache.org'>",
    ...printElement(manager, 1),
    '</httpd:manager>',
    '',
  ].join('\n');
  return { status: 200, type: 'text/xml; charset=utf-8', body };
}

function listBalancer(balancer: BalancerReport): Element {
  const { id, stickysession, nofailover, timeout, maxattempts, lbmethod, options, members } = balancer;
  const isSticky = stickysession !== undefined;
  return [
    'balancer',
    [
      ['name', `balancer://${id}`],
      ['stickysession', stickysession?.split('|', 1)[0]],
      ['nofailover', isSticky ? printFlag(nofailover) : undefined],
      ['timeout', Math.trunc(timeout)],
      ['maxattempts', maxattempts],
      ['lbmethod', lbmethod],
      ['scolonpathdelim', isSticky ? printFlag(options['scolonpathdelim'] === true) : undefined],
      ['workers', members.map(listWorker)],
      ['sharing', balancer.sharing && listSharing(balancer.sharing)],
    ],
  ];
}

/** httpd knows one machine only: the sums are what its shared memory would hold. */
function listSharing({ process, state, processes, counted, since, why }: SharingSeen): readonly Element[] {
  return [
    ['state', state],
    ['since', new Date(since).toUTCString()],
    ['processes', processes],
    ['counted', counted],
    ['process', process],
    ['why', why],
  ];
}

function listWorker(member: MemberReport): Element {
  const { parameters, fixed = {} } = member;
  const { scheme, hostname, port } = readAddress(member);
  const factor = member.loadfactor.toFixed(2);
  // 0 is httpd's word for no limit, and for what it leaves to the other side.
  const max = member.max ?? 0;
  return [
    'worker',
    [
      ['name', member.url],
      ['scheme', scheme],
      ['hostname', hostname],
      ['loadfactor', factor],
      ['port', port],
      ['min', 0],
      ['smax', max],
      ['max', max],
      ['ttl', readSeconds(fixed['ttl']) ?? 0],
      ['timeout', readSeconds(parameters['timeout'])],
      // httpd prints what is left after whole seconds, which is 0 for 2 s.
      ['acquire', readMs(parameters['acquire'], 'ms')],
      ['keepalive', readFlag(fixed['keepalive'])],
      ['status', printLabels(member.status)],
      ['error_time', member.errorAt === undefined ? undefined : new Date(member.errorAt).toUTCString()],
      ['retries', member.retries],
      ['lbstatus', member.lbstatus],
      ['loadfactor', factor],
      ['transferred', member.sent],
      ['read', member.received],
      ['elected', member.elected],
      ['route', member.route ?? ''],
      ['redirect', member.redirect ?? ''],
      ['busy', member.busy],
      ['lbset', member.lbset],
      ['disablereuse', fixed['disablereuse'] === true ? 'On' : undefined],
      ['connectiontimeout', readMs(fixed['connectiontimeout'], 's')],
      ['retry', readSeconds(parameters['retry'])],
    ],
  ];
}

type Address = Readonly<{ scheme: string; hostname: string; port: number }>;

function readAddress({ url, isHandler }: MemberReport): Address {
  // Nobody connects to it.
  const nowhere = { scheme: 'local', hostname: '', port: 0 };
  if (isHandler) return nowhere;
  try {
    const { protocol, hostname, port } = new URL(url.replace(/^unix:.*\|/, ''));
    return {
      scheme: protocol.slice(0, -1),
      hostname: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port) || (protocol === 'https:' ? 443 : 80),
    };
  } catch {
    return nowhere;
  }
}

/** httpd's labels of its flags, in its order: each with a blank behind it. */
const labels = {
  I: 'Ign',
  N: 'Drn',
  D: 'Dis',
  S: 'Stop',
  E: 'Err',
  H: 'Stby',
  R: 'Spar',
  C: 'HcFl',
} as const;

const unusable = Status.disabled | Status.stopped | Status.inError | Status.healthCheckFailed;

function printLabels(status: string): string {
  const set = Object.entries(labels).filter(([letter]) => status.includes(letter));
  const isUsable = set.every(([letter]) => (statusLetters.get(letter)! & unusable) === 0);
  return ['Init', ...set.map(([, label]) => label), ...(isUsable ? ['Ok'] : [])]
    .map((label) => `${label} `)
    .join('');
}

function printFlag(flag: boolean): string {
  return flag ? 'On' : 'Off';
}

function readFlag(value: unknown): string | undefined {
  return typeof value === 'boolean' ? printFlag(value) : undefined;
}

function readMs(value: unknown, unit: 's' | 'ms'): number | undefined {
  const ms = value === undefined ? undefined : parseDuration(value, { unit, zero: 'allowed' });
  return isFault(ms) ? undefined : ms;
}

function readSeconds(value: unknown): number | undefined {
  const ms = readMs(value, 's');
  return ms === undefined ? undefined : Math.trunc(ms / 1000);
}

function printElement([name, content]: Element, depth: number): readonly string[] {
  const indent = '  '.repeat(depth);
  if (content === undefined) return [];
  if (typeof content !== 'object')
    return [`${indent}<httpd:${name}>${escapeXml(String(content))}</httpd:${name}>`];
  return [
    `${indent}<httpd:${name}>`,
    ...content.flatMap((element) => printElement(element, depth + 1)),
    `${indent}</httpd:${name}>`,
  ];
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** XML 1.0 2.2: control characters, halves of a pair and two others cannot stand in it, escaped or not. */
function escapeXml(text: string): string {
  return (
    text
      .toWellFormed()
      // eslint-disable-next-line no-control-regex -- control characters are what it is about.
      .replace(/[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/g, '')
      .replace(/[&<>"']/g, (letter) => entities[letter]!)
  );
}
