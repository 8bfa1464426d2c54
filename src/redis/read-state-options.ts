import { checkLogger } from '../definition/check-logger.ts';
import { copyOptions } from '../definition/copy-definition.ts';
import type { Logger } from '../definition/definition.ts';
import { parseDuration, toMilliseconds } from '../definition/duration.ts';
import { judgeBoolean, refuseNonOptions } from '../definition/judges.ts';
import {
  checkBy,
  checkOptions,
  checkSecretBy,
  DefinitionError,
  isFault,
  stateProblem,
  stateSecretProblem,
  type Check,
  type Fault,
  type Judge,
  type Options,
  type Problem,
} from '../definition/problem.ts';
import { findNearest, foldName } from '../definition/spelling.ts';
import { isClient } from './client.ts';
import type { Way } from './link.ts';
import type { RedisStateOptions } from './redis-state-options.ts';

/** What a state is made from, checked and complete; durations in ms. */
export type StateSettings = Readonly<{
  way: Way;
  prefix: string;
  expiryMs: number;
  keepMs: number;
  busy: boolean;
  logger: Logger;
}>;

const hourMs = 3_600_000;
const defaults = { prefix: 'express-proxy-balancer', expiryMs: 6_000, keepMs: 168 * hourMs };

const checks: Readonly<Record<keyof RedisStateOptions, Check>> = {
  client: checkBy((value) =>
    isClient(value)
      ? undefined
      : {
          problem: 'it is no client of the package redis (5 or 6)',
          advice: 'write what createClient, createSentinel or createCluster has returned, or write url',
        },
  ),
  // A password may stand in it.
  url: checkSecretBy(judgeUrl),
  prefix: checkBy((value) =>
    typeof value === 'string' && /^[\w.:-]{1,64}$/.test(value)
      ? undefined
      : { problem: 'it must be 1 to 64 letters, digits, and _ . : -', advice: "write a text such as 'shop'" },
  ),
  expiry: checkBy(judgeSpan(2_000, hourMs, "write '2s' to '1h'")),
  keep: checkBy(judgeSpan(2_000, Infinity, "write '168h' for a week, or any other time from '2s' up")),
  busy: checkBy(judgeBoolean),
  logger: checkLogger,
};

/**
 * What a state is made from, each option read once.
 *
 * @throws {DefinitionError} with everything that is wrong with it.
 */
export function readStateOptions(given: unknown): StateSettings {
  const copy = copyOptions(given);
  const problems =
    copy === undefined
      ? refuseNonOptions(given, 'options', "write { url: 'redis://localhost' }")
      : [...checkOptions(copy, '', checks, refuseUnknown), ...checkTogether(copy)];
  if (problems.length > 0) throw new DefinitionError(problems, 'What redisState is asked for');
  // Checked above.
  return buildSettings(copy as unknown as RedisStateOptions);
}

function buildSettings(options: RedisStateOptions): StateSettings {
  const { prefix = defaults.prefix, expiry, keep, busy = false, logger = console } = options;
  return {
    // A client has all that is used of it: checked above.
    way: options.url === undefined ? ({ client: options.client } as Way) : { url: options.url },
    prefix,
    expiryMs: expiry === undefined ? defaults.expiryMs : toMilliseconds(expiry),
    keepMs: keep === undefined ? defaults.keepMs : toMilliseconds(keep),
    busy,
    logger: logger === false ? silent : logger,
  };
}

const nothing = (): void => undefined;

const silent: Logger = { info: nothing, warn: nothing, error: nothing };

/** Faults that only show between options. */
function checkTogether({ client, url, expiry, keep, ...others }: Options): readonly Problem[] {
  const problems: Problem[] = [];
  const isMisspelt = Object.keys(others).some((name) => ['client', 'url'].includes(guess(name) ?? ''));
  if (client === undefined && url === undefined && !isMisspelt) {
    problems.push(
      stateProblem('url', undefined, {
        problem: 'nothing says where Redis is',
        advice: "write url: 'redis://localhost', or client: what createClient has returned",
      }),
    );
  } else if (client !== undefined && url !== undefined) {
    problems.push(
      stateSecretProblem('url', url, {
        problem: 'client says where Redis is',
        advice: 'write one of the two',
      }),
    );
  }
  const [expiryMs, keepMs] = [expiry, keep].map((value) => parseDuration(value, seconds));
  const longest = isFault(expiryMs) || expiryMs === undefined ? defaults.expiryMs : expiryMs;
  if (keep !== undefined && keepMs !== undefined && !isFault(keepMs) && keepMs < longest) {
    problems.push(
      stateProblem('keep', keep, {
        problem: 'it is shorter than expiry, so that words would be lost between beats',
        advice: `write '${longest}ms' or more`,
      }),
    );
  }
  return problems;
}

const seconds = { unit: 's', zero: 'allowed' } as const;

function judgeSpan(min: number, max: number, advice: string): Judge {
  return (value) => {
    const ms = parseDuration(value, { unit: 's', zero: { instead: advice } });
    if (isFault(ms)) return ms;
    if (ms < min) return { problem: 'it is too short', advice };
    return ms > max ? { problem: 'it is too long', advice } : undefined;
  };
}

function judgeUrl(value: unknown): Fault | undefined {
  const advice =
    "write 'redis://host:6379', with TLS 'rediss://host:6379', with a password 'redis://:password@host:6379'";
  if (typeof value !== 'string') return { problem: 'it must be a text', advice };
  const url = URL.parse(value);
  if (url === null) return { problem: 'it is no URL', advice };
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:')
    return { problem: 'it must begin with redis:// or rediss://', advice };
  if (url.hostname === '') return { problem: 'it has no host', advice };
  if (!/^(?:\/\d{0,5})?$/.test(url.pathname))
    return { problem: 'its path must be the number of a database', advice: "write 'redis://host:6379/0'" };
  if (url.search !== '' || url.hash !== '')
    return { problem: 'options in it mean nothing here', advice: 'leave out what follows ? or #' };
  try {
    decodeURIComponent(url.username + url.password);
  } catch {
    return { problem: 'a % in its user or password stands for nothing', advice: 'write %25 for %' };
  }
  return undefined;
}

/** Words of other packages for what is called otherwise here; folded. */
const otherWords: Readonly<Record<string, keyof RedisStateOptions>> = {
  redis: 'client',
  redisclient: 'client',
  connection: 'client',
  uri: 'url',
  host: 'url',
  socket: 'url',
  password: 'url',
  username: 'url',
  keyprefix: 'prefix',
  namespace: 'prefix',
  name: 'prefix',
  ttl: 'expiry',
  timeout: 'expiry',
  expires: 'expiry',
  retention: 'keep',
  sharebusy: 'busy',
  log: 'logger',
};

function guess(name: string): string | undefined {
  const folded = foldName(name);
  return (
    Object.keys(checks).find((option) => foldName(option) === folded) ??
    (Object.hasOwn(otherWords, folded) ? otherWords[folded] : undefined) ??
    findNearest(name, Object.keys(checks))
  );
}

function refuseUnknown(name: string, value: unknown, path: string): readonly Problem[] {
  const right = guess(name);
  const advice = right === undefined ? 'leave it out' : `write ${right}`;
  // What is meant as the URL, or as a part of it, may be a password.
  const state = right === 'url' || /pass|secret|auth|token/i.test(name) ? stateSecretProblem : stateProblem;
  return [state(path, value, { problem: 'there is no such option', advice })];
}
