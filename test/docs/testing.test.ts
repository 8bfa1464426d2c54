import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import express from 'express';
import request from 'supertest';
import { createBalancer } from '../../src/index.ts';
import * as kit from '../../src/testing/index.ts';
import { compileSnippets } from '../support/snippets.ts';
import { openGuide } from '../support/guide.ts';

const guide = openGuide('docs/testing.md');

afterEach(guide.close);
afterEach(kit.tidyUp);
afterAll(guide.expectAllRun);

type Step = () => unknown;

/** What a test runner is to a file of tests. */
function createRunner() {
  const after: Step[] = [];
  const tests = new Map<string, Step>();
  return {
    module: {
      expect,
      test: (name: string, step: Step) => tests.set(name, step),
      afterEach: (step: Step) => after.push(step),
    },
    names: () => [...tests.keys()],
    async run(name: string) {
      try {
        await tests.get(name)!();
      } finally {
        for (const step of after) await step();
      }
    },
  };
}

/** The tests of one block. */
function load(heading: string, module: '@jest/globals' | 'node:test' = '@jest/globals', replace = {}) {
  const runner = createRunner();
  guide.run(heading, 0, {
    modules: {
      [module]: runner.module,
      supertest: request,
      'express-proxy-balancer/testing': kit,
    },
    replace,
  });
  return runner;
}

describe('each test of the page passes, and leaves nothing behind:', () => {
  const blocks = [
    [
      'The first test',
      '@jest/globals',
      ['nobody notices that a server is down', 'an order is placed once, although its server dies over it'],
    ],
    ['vitest and node:test', 'node:test', ['the page of the other server comes when one fails']],
    ['Sessions', '@jest/globals', ['a client stays where it is, and moves when that is gone']],
    [
      'Time',
      '@jest/globals',
      [
        'a server that fails its checks is out, and comes back',
        'a server that refused is asked again after a minute',
        'a server that hangs costs a minute, and then the other one answers',
      ],
    ],
    ['WebSockets', '@jest/globals', ['a chat goes on at the other server']],
  ] as const;

  test.each(blocks)('%s', async (heading, module, names) => {
    const runner = load(heading, module);
    expect(runner.names()).toEqual(names);
    for (const name of names) await runner.run(name);
    expect(guide.balancers.flatMap((balancer) => balancer.view()).filter(({ busy }) => busy > 0)).toEqual([]);
  });
});

describe('they can fail, and leave nothing behind then either:', () => {
  test.each([
    ['The first test', { 'await members.app1.refuse();': '' }, /app2 should have answered, but app1 has/],
    ['Time', { "members.app1.fail(500, { only: '/health' });": '' }, /app1: '', expected 'C'/],
  ])('%s', async (heading, replace, message) => {
    const runner = load(heading, '@jest/globals', replace);
    await expect(runner.run(runner.names()[0]!)).rejects.toThrow(message);
    kit.stopClock().resume();
  });
});

test('jest runs TypeScript with the two files of the page', async () => {
  const [config, transform] = guide.findSnippets('js').map(({ code }) => code) as [string, string];
  const folder = mkdtempSync(join(tmpdir(), 'kit-jest-'));
  const files = {
    'package.json': '{ "type": "module" }',
    'jest.config.js': config,
    'strip-types.cjs': transform,
    'app.ts': 'export const name: string = import.meta.filename;\n',
    'app.test.ts': `import { name } from './app.js';\ntest('is a module', () => expect(name as string).toMatch(/app.ts$/));\n`,
  };
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const jest = join(import.meta.dirname, '../../node_modules/jest/bin/jest.js');
    const run = promisify(execFile)(process.execPath, ['--experimental-vm-modules', jest], { cwd: folder });
    expect((await run).stderr).toContain('1 passed, 1 total');
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 60_000);

test('every call of the tables is there', () => {
  const column = (heading: string, place: number): readonly string[] =>
    guide
      .readTable(heading)
      .slice(1)
      .map((row) => row[place]!.replaceAll('`', ''));
  const expectations = column('What can be expected', 0).map((call) => /(\w+)\(/.exec(call)![1]!);
  for (const name of expectations) expect(kit).toHaveProperty(name);
  const all = Object.keys(kit).filter((name) => /^(?:expect|until)/.test(name));
  expect(expectations.toSorted()).toEqual(all.toSorted());

  const calls = column('What a member can be told', 0).map(
    (call) =>
      `void members.app1.${call.replace('await ', '').replace('(…)', '()').replace('=> …', '=> res.end(req.url)')};`,
  );
  const code = `import { startMembers } from 'express-proxy-balancer/testing';\nconst members = await startMembers(1);\n${calls.join('\n')}\n`;
  expect(calls).toHaveLength(9);
  expect(compileSnippets([code])).toEqual([]);
});

test('the outcomes of the table are those of the balancer', async () => {
  const members = await kit.startMembers(2);
  const balancer = createBalancer({
    logger: false,
    members: members.definitions,
    memberDefaults: { retry: 0 },
    proxytimeout: 60,
  });
  const clock = kit.stopClock();
  const app = express().use(balancer);
  const asked = kit.watch(balancer, 'request');
  const outcomes: Record<string, string> = {};
  const faults = {
    refuse: () => members.app1.refuse(),
    hang: () => {
      members.app1.hang();
    },
    slowDown: () => {
      members.app1.slowDown('2m');
    },
    reset: () => {
      members.app1.reset();
    },
    cutOff: () => {
      members.app1.cutOff();
    },
    fail: () => {
      members.app1.fail(503);
    },
  };
  for (const [name, tell] of Object.entries(faults)) {
    await tell();
    const answer = Promise.all([request(app).get('/').then(String), request(app).get('/').then(String)]);
    await kit.until(() => members.requests.length > 1);
    await clock.pass('61s');
    await answer;
    const attempts = [...(await asked.next()).attempts, ...(await asked.next()).attempts];
    outcomes[name] = attempts.find((each) => each.name === 'app1')!.outcome;
    await members.recover();
    members.forget();
  }
  expect(outcomes).toEqual({
    refuse: 'connect',
    hang: 'timeout',
    slowDown: 'timeout',
    reset: 'reset',
    cutOff: 'reset',
    fail: 'answered',
  });
  const told = new Map(
    guide
      .readTable('What a member can be told')
      .slice(1)
      .map((row) => [/(\w+)\(/.exec(row[0]!)![1]!, row[2]!]),
  );
  for (const [name, outcome] of Object.entries(outcomes))
    expect([name, told.get(name)]).toEqual([name, expect.stringContaining(outcome) as unknown]);
});
