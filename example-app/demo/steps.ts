import {
  answered,
  leastShare,
  medianOf,
  ofMember,
  shareOf,
  unbound,
  writeMs,
  writePercent,
  writeShares,
} from './figures.ts';
import { define } from './front.ts';
import type { Answer } from './load.ts';
import { backendNames } from './cluster.ts';
import type { Stage } from './stage.ts';

export type Step = Readonly<{
  title: string;
  /** For the table. */
  short: string;
  run(stage: Stage): Promise<void>;
}>;

/** Each leaves its trouble to the next. */
export const steps: readonly Step[] = [
  {
    title: 'All is well: three backends, a dozen visitors, three of them with a session',
    short: 'all is well',
    async run({ answers, until }) {
      const names = ['app1', 'app2', 'app3'];
      await until(
        'each backend gets a fifth or more of 800 GETs',
        () => answers().length >= 800 && leastShare(unbound(answers()), names) > 0.2,
        () => writeShares(unbound(answers()), names),
      );
    },
  },
  {
    title: 'app1 gets slow: 150 ms more for each answer',
    short: 'app1 slow',
    async run({ answers, cluster, until }) {
      await cluster.trouble('app1', { slow: 150 });
      const share = () => shareOf(last(answers(), 400), 'app1');
      await until(
        'app1 gets less than a fifth of the last 400 GETs',
        () => answers().length >= 600 && share() < 0.2,
        () => `${writePercent(share())}, ${writeMs(medianOf(ofMember(last(answers(), 400), 'app1')))} each`,
      );
    },
  },
  {
    title: 'app2 fails at random: half of its answers are 500 or a reset; its health checks pass',
    short: 'app2 failing',
    async run({ answers, balancer, cluster, until }) {
      await cluster.trouble('app2', { failing: 0.5 });
      await until('app2 is ejected', () => isEjected(balancer, 'app2'));
      const before = answers().length;
      await until(
        'the next 500 GETs are answered as well',
        () => answered(answers().slice(before)).length >= 500,
      );
    },
  },
  {
    title: "app3 is drained: balancer.drain('app3'); the session of carol lives there",
    short: 'app3 drained',
    async run({ answers, balancer, load, until, visitors }) {
      const begun = load.begun();
      let drained: Awaited<ReturnType<typeof balancer.drain>> | undefined;
      const draining = balancer.drain('app3', { idle: '200ms' }).then((end) => {
        drained = end;
      });
      const since = () => ofMember(answers(), 'app3').filter(({ number }) => number > begun);
      await until(
        'carol stays for 40 GETs, and nobody else is sent there',
        () => since().length >= 40 && unbound(since()).length === 0,
      );
      for (const visitor of visitors) if (visitor.name === 'carol') visitor.session = undefined;
      await until(
        'carol logs out, and the drain resolves',
        () => drained?.empty === true,
        () => (drained?.empty ? 'it serves nothing' : 'it is not empty'),
      );
      await draining;
    },
  },
  {
    title: "app4 is added, a fourth process: balancer.add({ url, route: 'app4' }); slow start",
    short: 'app4 added',
    async run({ answers, balancer, cluster, until }) {
      await cluster.start('app4');
      const before = answers().length;
      balancer.add({ url: cluster.urlOf('app4'), route: 'app4' });
      const first = () => shareOf(unbound(answers().slice(before, before + 50)), 'app4');
      const later = () => shareOf(unbound(last(answers(), 200)), 'app4');
      await until(
        'app4 begins with less, and comes to most of the last 200 GETs',
        () => answers().length >= before + 400 && later() > 0.5 && first() < later(),
        () => `${writePercent(first())} of the first 50, then ${writePercent(later())}`,
      );
    },
  },
  {
    title: 'app1 is killed, and started again; the session of ann lives there',
    short: 'app1 killed',
    async run({ answers, balancer, cluster, until }) {
      await cluster.kill('app1');
      await until('app1 is out', () => find(balancer, 'app1')?.status !== '');
      const before = answers().length;
      await until('the next 300 GETs are answered, those of ann too', () => {
        const since = answered(answers().slice(before));
        return since.length >= 300 && since.some(({ visitor }) => visitor === 'ann');
      });
      await cluster.start('app1');
      const restarted = answers().length;
      await until('app1 is back by itself', () => shareOf(answers().slice(restarted), 'app1') > 0);
    },
  },
  {
    title:
      "All is healed: app2 fails no more; balancer.remove('app3'), and balancer.update({ … }) with all four",
    short: 'all is healed',
    async run({ answers, balancer, cluster, until }) {
      await cluster.trouble('app2', {});
      await balancer.remove('app3');
      const before = answers().length;
      await until(
        'the next 100 GETs are answered by the others',
        () => answered(answers().slice(before)).length >= 100,
      );
      balancer.update(define(cluster, backendNames));
      const updated = answers().length;
      const latest = () => unbound(last(answers().slice(updated), 400));
      await until(
        'nobody is out, each gets 5 % or more of the last 400 GETs',
        () =>
          answers().length >= updated + 600 &&
          leastShare(latest(), backendNames) >= 0.05 &&
          balancer.view().every(({ status }) => status === ''),
        () => writeShares(latest(), backendNames),
      );
    },
  },
];

function last(answers: readonly Answer[], count: number): readonly Answer[] {
  return answers.slice(-count);
}

function find(balancer: Stage['balancer'], name: string) {
  return balancer.view().find((member) => member.name === name);
}

function isEjected(balancer: Stage['balancer'], name: string): boolean {
  return find(balancer, name)?.ejected ?? false;
}
