import type { IncomingMessage } from 'node:http';
import { parseArgs } from 'node:util';
import { chooseMember, nobodyTried, type ChoiceRules } from '../src/choice/choose-member.ts';
import type { Candidates, Method } from '../src/choice/method.ts';
import { buildMethod } from '../src/choice/methods.ts';
import type { Settings } from '../src/definition/settings.ts';
import type { Attempt } from '../src/member/attempt.ts';
import { createMembers, type Members } from '../src/member/members.ts';
import { buildMember } from '../test/support/build-members.ts';

/*
 * What a choice costs: the walk over the members, the method, and the charging of all candidates, with half as many
 * requests under way as there are members. `node bench/choose.ts`; with `--smoke`, only whether it is absurd.
 */

const { values } = parseArgs({ options: { smoke: { type: 'boolean', default: false } } });
const isSmoke = values.smoke;
const rounds = isSmoke ? 3 : 20;
/** How many members a round looks at, in all. */
const looksPerRound = isSmoke ? 200_000 : 1_000_000;
const absurdFactor = 100;
/** In microseconds. */
const targets: ReadonlyMap<number, number> = new Map([
  [1, 1],
  [10, 1],
  [100, 10],
  [1_000, 10],
]);

const methods: readonly (readonly [
  name: string,
  settings: Partial<Pick<Settings, 'lbmethod' | 'hashBalance'>>,
])[] = [
  ['byrequests', { lbmethod: 'byrequests' }],
  ['bytraffic', { lbmethod: 'bytraffic' }],
  ['bybusyness', { lbmethod: 'bybusyness' }],
  ['byresponsetime', { lbmethod: 'byresponsetime' }],
  ['random', { lbmethod: 'random' }],
  ['byhash', { lbmethod: 'byhash' }],
  ['byhash, no bound', { lbmethod: 'byhash', hashBalance: Infinity }],
  ['a function', { lbmethod: (members) => members[0] }],
];

/** Members with a past: weights, answers, a few failures. */
function createUsedMembers(count: number, method: Method, now: () => number): Members {
  const settings = Array.from({ length: count }, (_, i) =>
    buildMember({ name: `m${i}`, lbfactor: 100 * (1 + (i % 3)) }),
  );
  const quiet = { changed: () => undefined, freed: () => undefined };
  const members = createMembers(settings, now, { share: method.share, ejection: undefined }, quiet);
  for (const member of members.view()) {
    const i = member.elected + Number(member.settings.name.slice(1));
    const attempt = members.elect({
      kind: 'member',
      member,
      reason: 'method',
      candidates: members.view(),
      probe: false,
      forced: false,
    });
    attempt.sent(300 + (i % 7));
    attempt.received(2_000 + 37 * (i % 11));
    attempt.rate(i % 50 === 7, 20.5 + (i % 13));
    attempt.end();
  }
  return members;
}

type Figures = Readonly<{ choose: number; share: number; whole: number }>;

function measure(method: Method, count: number): Figures {
  const now = (): number => performance.now();
  const members = createUsedMembers(count, method, now);
  const rules: ChoiceRules = { nofailover: false, forcerecovery: true, method };
  const requests = Array.from(
    { length: 64 },
    (_, i) => ({ ip: `192.0.2.${i}` }) as unknown as IncomingMessage,
  );
  const context = (i: number) => ({ now: now(), random: Math.random, req: requests[i % 64]! });
  const underWay: Attempt[] = [];

  function serve(i: number): void {
    const choice = chooseMember(members.view(), undefined, rules, context(i), nobodyTried);
    if (choice.kind === 'nobody')
      throw new Error(`nobody is chosen: ${choice.reason}`, { cause: choice.error });
    const at = i % Math.ceil(count / 2);
    underWay[at]?.end();
    underWay[at] = members.elect(choice);
  }

  const candidates = members.view() as Candidates;
  const shares = new Float64Array(count);
  return {
    whole: time(count, serve),
    choose: time(count, (i) => {
      method.choose(candidates, context(i));
    }),
    share: method.share ? time(count, (i) => method.share!(candidates, context(i).now, shares)) : 0,
  };
}

/** Microseconds of one call: the quickest of several rounds. */
function time(count: number, call: (i: number) => void): number {
  const calls = Math.ceil(looksPerRound / (count + 20));
  let quickest = Infinity;
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    for (let i = 0; i < calls; i += 1) call(i);
    quickest = Math.min(quickest, ((performance.now() - start) * 1_000) / calls);
  }
  return quickest;
}

const absurd: string[] = [];
console.log('| method | members | choose µs | share µs | whole µs | × byrequests | target µs |');
console.log('|---|--:|--:|--:|--:|--:|--:|');
for (const [count, target] of targets) {
  let reference: number | undefined;
  for (const [name, settings] of methods) {
    const method = buildMethod({ lbmethod: 'byrequests', hashKey: 'ip', hashBalance: 1.25, ...settings });
    const { choose, share, whole } = measure(method, count);
    reference ??= whole;
    const figures = [choose, share, whole].map((figure) => figure.toFixed(2)).join(' | ');
    console.log(`| ${name} | ${count} | ${figures} | ${(whole / reference).toFixed(1)} | ${target} |`);
    if (whole > absurdFactor * target) absurd.push(`${name} among ${count}: ${whole.toFixed(1)} µs`);
  }
}
if (absurd.length > 0) {
  console.error(`absurd: ${absurd.join('; ')}`);
  process.exitCode = 1;
}
