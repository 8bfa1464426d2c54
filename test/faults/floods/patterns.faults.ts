import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { BalancerDefinition } from '../../../src/index.ts';
import { ask, type Asked } from '../../support/ask.ts';
import { startBackend } from '../../support/backend.ts';
import { senders, startFront } from '../../support/front.ts';
import { askMany } from '../../support/load.ts';
import { noteWhatIsThere, nothingIsLeft } from '../support/leftovers.ts';
import { askMeanwhile } from '../support/floods.ts';

beforeEach(noteWhatIsThere);
afterEach(nothingIsLeft);

type Case = Readonly<{
  definition: Omit<BalancerDefinition, 'members'>;
  attack: Asked;
  status: number;
  /** A request that the pattern is for, and what it gets. */
  usual: Asked;
  answer: string;
}>;

const session = (value: string): Asked => ({ headers: { Cookie: `SID=${value}` } });
const word = 'a'.repeat(48);

const cases: Readonly<Record<string, Case>> = {
  'a routeregex whose ways multiply': {
    definition: { stickysession: 'SID', routeregex: /^(?:\w+-?)+!(\w+)$/ },
    attack: session(word),
    status: 200,
    usual: session('some-data!b'),
    answer: 'b',
  },
  'a routeregex with many parts': {
    definition: { stickysession: 'SID', routeregex: /.*-.*-.*-.*-.*!(\w+)$/ },
    attack: session('-'.repeat(4_000)),
    status: 200,
    usual: session('1-2-3-4-5!b'),
    answer: 'b',
  },
  'a thousand values for a routeregex': {
    definition: { stickysession: 'SID', routeregex: /!(.*)$/ },
    attack: { path: `/?${`SID=${'!'.repeat(1_000)}%0A&`.repeat(14)}` },
    status: 200,
    usual: session('data!b'),
    answer: 'b',
  },
  'an exclude': {
    definition: { exclude: /^\/(?:\w+\/?)+\.png$/ },
    attack: { path: `/${word}` },
    status: 400,
    usual: { path: '/a/b.png' },
    answer: 'left to the app',
  },
  'a pathRewrite': {
    definition: { pathRewrite: { '^/(?:\\w+/?)+!$': '/rewritten' } },
    attack: { path: `/${word}-` },
    status: 400,
    usual: { path: '/a/b!' },
    answer: '/rewritten',
  },
};

describe.each(senders)('a pattern that is attacked, by %s', (_name, sender) => {
  test.each(Object.entries(cases))(
    '%s: the attack costs little, others are served, and the pattern works as ever',
    async (_what, { definition, attack, status, usual, answer }) => {
      const [a, b] = [await startBackend('a', (req, res) => res.end(req.url)), await startBackend('b')];
      const members =
        definition.stickysession === undefined
          ? [a.url]
          : [
              { url: a.url, route: 'a' },
              { url: b.url, route: 'b' },
            ];
      const front = await startFront(
        { ...sender, ...definition, members },
        { after: (app) => app.use((_req, res) => void res.end('left to the app')) },
      );
      const start = performance.now();
      const attacked = askMany(front.port, 30, 10, attack);
      const slowestMs = await askMeanwhile(front.port, 5);
      for (const told of await attacked) expect(told.status).toBe(status);
      // Ten milliseconds each, and a tenth of a second once in a while; the rest is what this machine needs.
      expect(performance.now() - start).toBeLessThan(4_000);
      expect(slowestMs).toBeLessThan(3_000);
      for (let i = 0; i < 10; i += 1) expect((await ask(front.port, usual)).text).toBe(answer);
    },
  );
});
