import { clock, type Timer } from '../clock.ts';
import { debug } from '../debug.ts';
import type { Logger } from '../definition/definition.ts';
import type { MemberSettings } from '../definition/settings.ts';
import type { AskDns } from './ask-dns.ts';
import { describeFailure } from './describe-failure.ts';
import type { DnsAnswer, DnsError, Question, Server } from './dns-answer.ts';
import { expandMember } from './expand-member.ts';

/** What watching a name needs. */
export type WatchContext = Readonly<{
  /** The balancer's, for logs. */
  name: string;
  /** The DNS servers to ask, read before each question. */
  resolver: () => readonly string[];
  /** Told the members of a template, whenever they have changed. */
  found: (template: MemberSettings, members: readonly MemberSettings[]) => void;
  random: () => number;
  logger: Logger;
  ask: AskDns;
}>;

/** Asks for the servers behind one template's name, again and again. */
export type Watch = Readonly<{
  /** Another definition of the same name; its members are told at once if the servers are known. */
  replace(template: MemberSettings): void;
  isPending(): boolean;
  /** Resolves with the first answer or failure, or when it is stopped. */
  settled: Promise<void>;
  stop(): void;
}>;

/** Asks at once; then when the TTL is over, or, after failures, less and less often. */
export function watchName(first: MemberSettings, question: Question, context: WatchContext): Watch {
  const { name, resolver, found, random, logger, ask } = context;
  const abort = new AbortController();
  const { promise: settled, resolve: settle } = Promise.withResolvers<undefined>();
  let template = first;
  let servers: readonly Server[] = [];
  let told = '';
  let failures = 0;
  let leftOut = 0;
  let isPending = true;
  let timer: Timer | undefined;

  function run(): void {
    void ask(question, { resolver: resolver(), signal: abort.signal, known: servers })
      .then((answer) => {
        if (!abort.signal.aborted) hear(answer);
      })
      .catch((error: unknown) => {
        logger.error(`${prefix()} its servers cannot be used:`, error);
      });
  }

  function hear(answer: DnsAnswer): void {
    isPending = false;
    settle(undefined);
    const cause = answer.kind === 'failed' ? answer.cause : answer.partly;
    warn(cause);
    failures = cause ? failures + 1 : 0;
    const delayMs = spread(
      answer.kind === 'failed' || cause ? backOff(failures) : clampTtl(answer.ttlMs),
      random(),
    );
    debug.discovery('%s: %o, asked again in %d ms', template.url, answer, delayMs);
    timer = clock.setTimer(run, delayMs).unref();
    if (answer.kind === 'failed') return;
    if (answer.leftOut > 0 && leftOut === 0) {
      logger.warn(
        `${prefix()} DNS tells of ${answer.servers.length + answer.leftOut} servers; ` +
          `the first ${answer.servers.length} are used: check the name, or spread them over several`,
      );
    }
    leftOut = answer.leftOut;
    servers = answer.servers;
    tell(false);
  }

  /** One warning a row of failures, and a word when it is over. */
  function warn(cause: DnsError | undefined): void {
    if (cause && failures === 0) {
      const rest = servers.length > 0 ? 'the servers it told of before are kept' : 'there is no server yet';
      logger.warn(`${prefix()} ${describeFailure(cause, question, resolver())}; ${rest}`);
    }
    if (!cause && failures > 0) logger.info(`${prefix()} DNS tells its servers again`);
  }

  function tell(isNew: boolean): void {
    const members = expandMember(template, servers);
    const list = JSON.stringify(
      members.map(({ url, route, lbfactor, lbset }) => [url, route, lbfactor, lbset]),
    );
    if (list === told && !isNew) return;
    found(template, members);
    told = list;
  }

  function prefix(): string {
    return `[${name}] ${template.url}:`;
  }

  run();
  return {
    replace(next) {
      if (next === template) return;
      template = next;
      if (servers.length > 0) tell(true);
    },
    isPending: () => isPending,
    settled,
    stop() {
      isPending = false;
      abort.abort();
      clock.clear(timer);
      settle(undefined);
    },
  };
}

const shortestMs = 1_000;
// With its spread, at most half a minute: Docker gives its services ten minutes, and scales them in seconds.
const longestMs = 27_000;
const longestBackOffMs = 30_000;

function clampTtl(ttlMs: number): number {
  return Math.min(Math.max(ttlMs, shortestMs), longestMs);
}

function backOff(failures: number): number {
  return Math.min(shortestMs * 2 ** (failures - 1), longestBackOffMs);
}

/** Up to a tenth more, so that processes that began together do not ask together. */
function spread(ms: number, chance: number): number {
  return ms * (1 + 0.1 * chance);
}
