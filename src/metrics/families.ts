import { errorWords, queueWords } from './words.ts';
import { tellStates, type BalancerFigures, type MemberFigures } from './figures.ts';
import { foldWord, sampleCounts, sampleHistogram, type Sample } from './sample.ts';
import { isServing } from '../member/member-state.ts';
import type { MemberView } from '../member/member.ts';

/** How the processes of a cluster are put together: `AggregatorRegistry` of prom-client has these words. */
type Aggregator = 'sum' | 'max' | 'min' | 'first';

type Shared = Readonly<{
  /** Without the prefix. */
  name: string;
  type: 'counter' | 'gauge' | 'histogram';
  /** Labels besides `balancer`, and `member` where it is of members. */
  labels: readonly string[];
  help: string;
  aggregator: Aggregator;
}>;

/** A metric of balancers. */
export type BalancerFamily = Shared &
  Readonly<{ of: 'balancer'; read(figures: BalancerFigures): readonly Sample[] }>;

/** A metric of members. */
export type MemberFamily = Shared &
  Readonly<{
    of: 'member';
    read(figures: MemberFigures): readonly Sample[];
    /** Whether it can be told of several members together. */
    isSum: boolean;
  }>;

/** One metric: what it is, and how it is read. */
export type Family = BalancerFamily | MemberFamily;

const codes = ['none', '1xx', '2xx', '3xx', '4xx', '5xx'] as const;

function sampleOne(value: number): readonly Sample[] {
  return [{ labels: {}, value }];
}

function sampleCodes(counts: readonly number[], from: number): readonly Sample[] {
  return sampleCounts(
    'code',
    codes.slice(from).map((code, i) => [code, counts[from + i]!] as const),
  );
}

/** What has not happened yet is told as 0: a rate needs a number before the first one. */
function sampleAll<Key extends string>(
  label: string,
  words: Readonly<Record<Key, string>>,
  counts: ReadonlyMap<Key, number>,
): readonly Sample[] {
  const entries = Object.entries(words) as [Key, string][];
  return entries.map(([key, word]) => ({ labels: { [label]: word }, value: counts.get(key) ?? 0 }));
}

/** How a member is: each process knows that of its own. */
function ofOwn(read: (member: MemberView) => readonly Sample[]): MemberFamily['read'] {
  return ({ own }) => (own ? read(own.member) : []);
}

const counter = { type: 'counter', labels: [], aggregator: 'sum' } as const;
const gauge = { type: 'gauge', labels: [], aggregator: 'sum' } as const;
const histogram = { type: 'histogram', labels: [], aggregator: 'sum' } as const;
const ofBalancer = { of: 'balancer' } as const;
const ofMember = { of: 'member', isSum: true } as const;

const balancerFamilies: readonly BalancerFamily[] = [
  {
    ...ofBalancer,
    ...counter,
    name: 'requests_total',
    labels: ['code'],
    help: 'Requests that have ended, by the class of the status that the client got; none: it left before.',
    read: ({ tally }) => sampleCodes(tally.codes, 0),
  },
  {
    ...ofBalancer,
    ...counter,
    name: 'errors_total',
    labels: ['reason'],
    help: 'Requests that ended in an error of the balancer, by its code.',
    read: ({ tally }) => sampleAll('reason', errorWords, tally.errors),
  },
  {
    ...ofBalancer,
    ...histogram,
    name: 'request_duration_seconds',
    help: 'Time from the arrival of a request to the end of its answer; upgraded connections are left out.',
    read: ({ tally }) => sampleHistogram(tally.durations),
  },
  {
    ...ofBalancer,
    ...gauge,
    name: 'queue_length',
    help: 'Requests that wait for a member now.',
    read: ({ waiting }) => sampleOne(waiting),
  },
  {
    ...ofBalancer,
    ...counter,
    name: 'queue_events_total',
    labels: ['event'],
    help: 'Requests that began to wait, were served, waited too long, found the queue full, or left it.',
    read: ({ tally }) => sampleAll('event', queueWords, tally.queued),
  },
  {
    ...ofBalancer,
    ...histogram,
    name: 'queue_wait_seconds',
    help: 'How long requests have waited that wait no more.',
    read: ({ tally }) => sampleHistogram(tally.waits),
  },
  {
    ...ofBalancer,
    ...gauge,
    name: 'shared_processes',
    aggregator: 'max',
    help: 'How many processes share the state of the balancer, this one among them; 0: this one is alone.',
    read({ sharing }) {
      if (!sharing) return [];
      return sampleOne(sharing.kind === 'shared' ? sharing.processes : 0);
    },
  },
];

const memberFamilies: readonly MemberFamily[] = [
  {
    ...ofMember,
    ...counter,
    name: 'attempts_total',
    labels: ['outcome'],
    help: 'Attempts at the member, by what became of them.',
    read: ({ tally }) => sampleCounts('outcome', tally.attempts, foldWord),
  },
  {
    ...ofMember,
    ...counter,
    name: 'answers_total',
    labels: ['code'],
    help: 'Answers of the member by the class of their status, those that were not given to the client among them.',
    read: ({ tally }) => sampleCodes(tally.answers, 1),
  },
  {
    ...ofMember,
    ...counter,
    name: 'broken_answers_total',
    help: 'Answers of the member that broke off after their head.',
    read: ({ tally }) => sampleOne(tally.broken),
  },
  {
    ...ofMember,
    ...counter,
    name: 'failovers_total',
    labels: ['outcome'],
    help: 'Requests that went on from the member to another one, or to it again, by what became of the attempt there.',
    read: ({ tally }) => sampleCounts('outcome', tally.failovers, foldWord),
  },
  {
    ...ofMember,
    ...histogram,
    name: 'response_time_seconds',
    help: 'Time to the head of the answer of the member.',
    read: ({ tally }) => sampleHistogram(tally.responseTimes),
  },
  {
    ...ofMember,
    ...counter,
    name: 'sent_bytes_total',
    help: 'Bytes sent to the member: heads and bodies of requests.',
    read: ({ sent }) => sampleOne(sent),
  },
  {
    ...ofMember,
    ...counter,
    name: 'received_bytes_total',
    help: 'Bytes received from the member: status lines and bodies.',
    read: ({ received }) => sampleOne(received),
  },
  {
    ...ofMember,
    ...counter,
    name: 'member_elected_total',
    help: 'How often the member was chosen.',
    read: ({ elected }) => sampleOne(elected),
  },
  {
    ...ofMember,
    ...gauge,
    name: 'requests_in_flight',
    help: 'Requests that the member serves now, upgraded connections among them.',
    read: ({ busy }) => sampleOne(busy),
  },
  {
    ...ofMember,
    ...gauge,
    name: 'member_up',
    aggregator: 'min',
    help: '1: the member may get new requests. 0: it is disabled, stopped, draining, in error, or fails its health check.',
    read: ofOwn(({ state }) => sampleOne(Number(isServing(state)))),
  },
  {
    ...ofMember,
    ...gauge,
    name: 'member_state',
    labels: ['state'],
    aggregator: 'max',
    help: '1 for each state that the member is in, 0 for each other one; one that is ejected is in error too.',
    read: ofOwn((member) =>
      Object.entries(tellStates(member)).map(([state, is]) => ({ labels: { state }, value: Number(is) })),
    ),
  },
  {
    ...ofMember,
    ...gauge,
    name: 'member_loadfactor',
    aggregator: 'max',
    help: 'Load factor of the member.',
    read: ofOwn(({ settings }) => sampleOne(settings.lbfactor / 100)),
  },
  {
    ...ofMember,
    ...gauge,
    name: 'member_sessions',
    aggregator: 'max',
    help: 'About how many sessions that are bound to the member were seen in the last half hour, where sessions have ids.',
    read({ tally, own }) {
      const sessions = own && tally.sessions(own.now);
      return sessions === undefined ? [] : sampleOne(sessions);
    },
  },
  {
    ...ofMember,
    ...gauge,
    name: 'member_info',
    labels: ['url', 'route', 'lbset'],
    aggregator: 'first',
    isSum: false,
    help: 'Always 1: what is behind the name of the member.',
    read: ofOwn(({ settings }) => {
      const { url, route = '', lbset } = settings;
      return [{ labels: { url, route, lbset: String(lbset) }, value: 1 }];
    }),
  },
];

/** Every metric. */
export const families: readonly Family[] = [...balancerFamilies, ...memberFamilies];

/** What only grows: of members that are told together, those that have left count on. */
export const lasting: readonly MemberFamily[] = memberFamilies.filter(({ type }) => type !== 'gauge');
