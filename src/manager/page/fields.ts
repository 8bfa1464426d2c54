import { methodNames } from '../../definition/check-lbmethod.ts';

/** One option in a form. */
export type Field = Readonly<{
  /** The option's name. */
  name: string;
  label: string;
  input:
    /** `hint`: what holds while the field is empty. */
    | Readonly<{ kind: 'text'; hint: string }>
    | Readonly<{ kind: 'number'; hint: string; min: number; max?: number; step?: string }>
    /** `isOn`: what holds where nothing is said. */
    | Readonly<{ kind: 'flag'; isOn: boolean }>
    /** The first one holds where nothing is said. */
    | Readonly<{ kind: 'choice'; words: readonly [string, ...string[]] }>;
}>;

/** Fields that belong together. */
export type Group = Readonly<{ title: string; fields: readonly Field[] }>;

const text = (name: string, label: string, hint: string): Field => ({
  name,
  label,
  input: { kind: 'text', hint },
});
const number = (
  name: string,
  label: string,
  hint: string,
  min: number,
  max?: number,
  step?: string,
): Field => ({
  name,
  label,
  input: {
    kind: 'number',
    hint,
    min,
    ...(max !== undefined && { max }),
    ...(step !== undefined && { step }),
  },
});
const flag = (name: string, label: string, isOn = false): Field => ({
  name,
  label,
  input: { kind: 'flag', isOn },
});
const choice = (name: string, label: string, ...words: readonly [string, ...string[]]): Field => ({
  name,
  label,
  input: { kind: 'choice', words },
});

const loadfactor = number('loadfactor', 'Factor', '1', 1, 100, '0.01');
const lbset = number('lbset', 'Set', '0', 0, 99);
const route = text('route', 'Route', 'none');
const redirect = text('redirect', 'Redirect', 'none');
const max = number('max', 'Most at a time', 'no limit', 1);
const acquire = text('acquire', 'Wait for a place', 'as queueTimeout');
const slowStart = text('slowStart', 'Slow start', 'none');

const share: Group = { title: 'Share and sessions', fields: [loadfactor, lbset, route, redirect] };

/** What can be set of a member, its flags apart. */
export const memberGroups: readonly Group[] = [
  share,
  {
    title: 'Limits and times',
    fields: [
      max,
      acquire,
      text('timeout', 'Silence allowed', 'as proxytimeout'),
      text('retry', 'Left alone in error', '60s'),
      text('retryMax', 'At most', '10 × retry'),
      slowStart,
    ],
  },
  {
    title: 'Health checks',
    fields: [
      choice('hcmethod', 'Method', 'NONE', 'TCP', 'OPTIONS', 'HEAD', 'GET', 'OPTIONS11', 'HEAD11', 'GET11'),
      text('hcuri', 'Path', 'its own'),
      text('hcinterval', 'Every', '30s'),
      number('hcpasses', 'Passes until up', '1', 1),
      number('hcfails', 'Fails until down', '1', 1),
      text('hctimeout', 'May take', '5s'),
    ],
  },
];

/** The same for a member that is a function of the app. */
export const handlerGroups: readonly Group[] = [share, { title: 'Limits', fields: [max, acquire] }];

/** The flags of a member, with httpd's letters. */
export const memberFlags: readonly Readonly<{ name: string; label: string; letter: string }>[] = [
  { name: 'disabled', label: 'Disabled', letter: 'D' },
  { name: 'stopped', label: 'Stopped', letter: 'S' },
  { name: 'drain', label: 'Draining', letter: 'N' },
  { name: 'ignoreErrors', label: 'Errors ignored', letter: 'I' },
  { name: 'hotStandby', label: 'Hot standby', letter: 'H' },
  { name: 'hotSpare', label: 'Hot spare', letter: 'R' },
];

/** What a new member can begin with, besides its URL and its flags. */
export const newMemberFields: readonly Field[] = [route, redirect, loadfactor, lbset, max, slowStart];

/** What can be set of a balancer. */
export const balancerGroups: readonly Group[] = [
  {
    title: 'Method and sessions',
    fields: [
      choice('lbmethod', 'Method', 'byrequests', ...methodNames.filter((name) => name !== 'byrequests')),
      text('stickysession', 'Session cookie', 'none'),
      text('stickysessionsep', 'Separator', '.'),
      choice('separatorMatch', 'Which separator', 'first', 'last'),
      flag('scolonpathdelim', 'Path parameters end at ;'),
      flag('nofailover', 'No failover of sessions'),
    ],
  },
  {
    title: 'Failover',
    fields: [
      number('maxattempts', 'Further tries', 'each other once', 0, 99),
      text('failonstatus', 'Statuses that fail', 'none'),
      flag('failontimeout', 'Timeouts fail'),
      flag('forcerecovery', 'Forced recovery', true),
      number('replayBytes', 'Body kept, in bytes', '65536', 0),
    ],
  },
  {
    title: 'Waiting',
    fields: [
      text('timeout', 'For a usable member', '0'),
      text('hold', 'While nobody is up', 'not at all'),
      number('queueLength', 'How many may wait', '1000', 0),
      text('queueTimeout', 'For a full member', '10s'),
    ],
  },
  {
    title: 'Headers',
    fields: [
      flag('proxypreservehost', 'Keep the Host'),
      choice('proxyvia', 'Via', 'Off', 'On', 'Full', 'Block'),
      flag('serverTiming', 'Server-Timing'),
      text('upgradeTimeout', 'Silence of upgraded', 'no limit'),
    ],
  },
];
