import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, describe, expect, test } from '@jest/globals';
import { runStep } from '../../../scripts/check/run-step.ts';
import { findMissing, findSteps, listPrograms, steps, type Step } from '../../../scripts/check/steps.ts';
import { judgeResults, printSummary, printTime, readCounts } from '../../../scripts/check/summary.ts';

const root = join(import.meta.dirname, '../../..');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Readonly<Record<string, string>>;
};

describe('the list of steps', () => {
  test('runs scripts of package.json, each step another one', () => {
    expect(steps.map(({ run: [script] }) => script).filter((script) => !(script in scripts))).toEqual([]);
    expect(new Set(steps.map(({ run }) => run.join(' '))).size).toBe(steps.length);
    expect(new Set(steps.map(({ name }) => name)).size).toBe(steps.length);
  });

  test('has every suite of package.json but the one that takes hours', () => {
    const suites = Object.keys(scripts).filter((name) => /^test(?::|$)|^audit$|^docs:|^lint:/.test(name));
    const run = steps.map(({ run: [script] }) => script);
    expect(suites.filter((name) => !run.includes(name))).toEqual(['test:soak']);
  });

  test('is found by names, in its own order, and all of it without one', () => {
    expect(findSteps(['redis', 'audit']).map(({ name }) => name)).toEqual(['audit', 'redis']);
    expect(findSteps([])).toBe(steps);
    expect(() => findSteps(['redis', 'rediss'])).toThrow(/there is no step 'rediss': write audit, test, /);
  });

  test('names what is missing once, where it is looked for', () => {
    const programs = listPrograms(findSteps(['smoke', 'bench', 'redis']));
    expect(findMissing(programs, () => true, {})).toEqual([]);
    expect(findMissing(programs, () => false, {}).map((program) => program.package)).toEqual([
      'nginx-light',
      'haproxy',
      'apache2-bin',
      'wrk',
      'redis-server',
      'iproute2',
    ]);
    const there = new Set(['/opt/redis', '/home/me/bin/wrk', '/usr/sbin/ip', '/usr/bin/redis-server']);
    const missing = findMissing(programs, (path) => there.has(path), {
      PATH: '/home/me/bin:/bin',
      REDIS_SERVER: '/opt/redis',
      HTTPD: '/nowhere',
    });
    expect(missing.map(({ name }) => name)).toEqual(['nginx', 'haproxy', 'apache2']);
    const without = findMissing(programs, (path) => there.has(path), { REDIS_SERVER: '/gone' });
    expect(without.map(({ name }) => name)).toContain('redis-server');
  });
});

describe('a step', () => {
  const folder = mkdtempSync(join(tmpdir(), 'check-'));
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({
      scripts: {
        good: `echo 'Tests:       1 skipped, 41 passed, 42 total'`,
        bad: `echo 'Tests:       2 failed, 3 passed, 5 total' >&2; exit 3`,
        hand: 'echo handed',
      },
    }),
  );
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  async function run(
    step: Omit<Step, 'name' | 'about'>,
    options: { missing?: boolean; isCi?: boolean } = {},
  ) {
    const [out, err] = [new PassThrough(), new PassThrough()];
    const { missing = false, isCi = false } = options;
    const result = await runStep(
      { name: 'it', about: '', ...step },
      { findMissing: (all) => (missing ? all : []), out, err, env: process.env, isCi, folder },
    );
    return { result, out: String(out.read() ?? ''), err: String(err.read() ?? '') };
  }

  const wrk = { name: 'wrk', package: 'wrk' };

  test('passes, and tells how many tests it has run', async () => {
    const { result, out } = await run({ run: ['good'] });
    expect(result).toMatchObject({ outcome: 'passed', counts: { passed: 41, failed: 0, skipped: 1 } });
    expect(out).toContain('41 passed');
  });

  test('fails by its exit code, and what it says is passed on', async () => {
    const { result, err } = await run({ run: ['bad'] });
    expect(result).toMatchObject({ outcome: 'failed', counts: { passed: 3, failed: 2, skipped: 0 } });
    expect(err).toContain('2 failed, 3 passed');
    expect((await run({ run: ['none'] })).result.outcome).toBe('failed');
  });

  test('hands its arguments to the script', async () => {
    const { result, out } = await run({ run: ['hand', '--smoke'] });
    expect(result).toMatchObject({ outcome: 'passed', counts: undefined });
    expect(out).toContain('handed --smoke');
  });

  test('is left out, by name, without what it needs', async () => {
    const { result, out } = await run({ run: ['good'], needs: [wrk] }, { missing: true });
    expect(result).toMatchObject({ outcome: 'left out', note: 'no wrk: apt-get install wrk' });
    expect(out).toBe('');
  });

  test('is run without what only some of it needs; in CI it is not', async () => {
    const step = { run: ['good'], uses: [wrk] } as const;
    expect((await run(step, { missing: true })).result).toMatchObject({
      outcome: 'passed',
      note: 'no wrk: apt-get install wrk',
    });
    expect((await run(step, { missing: true, isCi: true })).result.outcome).toBe('left out');
  });
});

describe('the summary', () => {
  test('adds up what runners say, colours aside, and nothing else', () => {
    const jest = '\u001B[1mTests:      \u001B[22m \u001B[31m1 failed\u001B[39m, 7 passed, 8 total';
    expect(readCounts(`Test Suites: 3 failed, 4 passed, 7 total\n${jest}\n`)).toEqual({
      passed: 7,
      failed: 1,
      skipped: 0,
    });
    expect(readCounts('Tests: 2 passed, 2 total\nTests: 1 skipped, 3 passed, 4 total')).toEqual({
      passed: 5,
      failed: 0,
      skipped: 1,
    });
    // The example app's.
    expect(readCounts('58 passed, 0 failed')).toEqual({ passed: 58, failed: 0, skipped: 0 });
    expect(readCounts('we have 3 passed, and 1 failed')).toBeUndefined();
  });

  test('has a line for each step, and says what was missing', () => {
    const counts = { passed: 41, failed: 0, skipped: 2 };
    expect(
      printSummary([
        { name: 'test', outcome: 'passed', counts, tookMs: 664_000 },
        { name: 'api', outcome: 'failed', tookMs: 3_400 },
        { name: 'redis', outcome: 'left out', tookMs: 0, note: 'no redis-server' },
      ]).split('\n'),
    ).toEqual([
      'test   passed    41 passed, 0 failed, 2 skipped  11 min 4 s',
      'api    failed                                    3 s',
      'redis  left out                                              no redis-server',
    ]);
    expect(printTime(59_400)).toBe('59 s');
    expect(printTime(59_600)).toBe('1 min 0 s');
  });

  test('fails where a step has failed, and in CI where one was left out', () => {
    const passed = { name: 'a', outcome: 'passed', tookMs: 1 } as const;
    const leftOut = { name: 'b', outcome: 'left out', tookMs: 0 } as const;
    const failed = { name: 'c', outcome: 'failed', tookMs: 1 } as const;
    expect(judgeResults([passed, leftOut], false)).toBe(0);
    expect(judgeResults([passed, leftOut], true)).toBe(1);
    expect(judgeResults([passed, failed], false)).toBe(1);
    expect(judgeResults([], true)).toBe(0);
  });
});

describe('the command', () => {
  const check = (...args: readonly string[]) =>
    spawnSync(process.execPath, [join(root, 'scripts/check.ts'), ...args], { encoding: 'utf8', cwd: root });

  test('lists the steps that there are', () => {
    expect(check('--list').stdout.trim().split('\n')).toHaveLength(steps.length);
    expect(check('--list', 'redis').stdout).toMatch(/^redis {4}shared state/);
  });

  test('refuses what it does not know, and says what it does', () => {
    for (const args of [['nothing'], ['--nothing']]) {
      const { status, stderr } = check(...args);
      expect([args, status]).toEqual([args, 2]);
      expect(stderr).toMatch(/nothing/);
    }
  });
});
