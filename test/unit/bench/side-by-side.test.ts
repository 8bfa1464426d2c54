import { describe, expect, test } from '@jest/globals';
import { drawPlot } from '../../../bench/report/plot.ts';
import { pickPanels } from '../../../bench/report/panels.ts';
import { ratioOf, spreadOf } from '../../../bench/report/ratios.ts';
import type { PeerResult, RateResult, WorkloadResult } from '../../../bench/report/results.ts';
import { writeTable } from '../../../bench/report/table.ts';
import { targets, type Target } from '../../../bench/report/targets.ts';
import { judgeTargets } from '../../../bench/report/verdict.ts';
import { divideCores, readCoreList } from '../../../bench/rig/cores.ts';
import { readWrk, writeScript } from '../../../bench/load/wrk.ts';
import { workloads } from '../../../bench/workloads/index.ts';

const cost = (...us: readonly number[]): PeerResult['rounds'] => us.map((cpuUs) => ({ cpuUs, failed: 0 }));
const rate = (p99Us: number, perSecond = 1_000): RateResult => ({
  askedPerSecond: 1_000,
  perSecond,
  p50Us: p99Us / 2,
  p99Us,
  p999Us: 2 * p99Us,
  failed: 0,
});

function describePeer(
  name: string,
  rounds: PeerResult['rounds'],
  rates: Partial<PeerResult> = {},
): PeerResult {
  return { name, version: '1.0', rounds, atOwnRate: [], atSameRate: [], ...rates };
}

function describeWorkload(...peers: readonly PeerResult[]): WorkloadResult {
  return { name: 'small', about: 'small ones', unit: 'request', peers, leftOut: [], broken: [] };
}

const compared = { ours: 'ours', floors: ['floor'] };
const cellsOf = (table: string, peer: string): string[] =>
  table
    .split('\n')
    .find((line) => line.startsWith(`| ${peer} `))!
    .split(' | ')
    .map((cell) => cell.replace(/^\| | \|$/g, ''));

describe('ratios', () => {
  test('are taken within a round, so that a slow one changes nothing', () => {
    // The last round was three times as slow for both.
    expect(ratioOf(cost(20, 22, 60), cost(10, 11, 30), ({ cpuUs }) => cpuUs)).toEqual({
      middle: 2,
      from: 2,
      to: 2,
    });
  });

  test('are told by their middle one and their range', () => {
    expect(ratioOf(cost(10, 30, 20), cost(10, 10, 10), ({ cpuUs }) => cpuUs)).toEqual({
      middle: 2,
      from: 1,
      to: 3,
    });
  });

  test('leave out rounds without the figure', () => {
    expect(spreadOf([undefined, 3, Number.NaN])).toEqual({ middle: 3, from: 3, to: 3 });
    expect(spreadOf([undefined])).toBeUndefined();
    expect(ratioOf(cost(1), [{ failed: 1 }], ({ cpuUs }) => cpuUs)).toBeUndefined();
  });
});

describe('the verdict', () => {
  const target: Target = { workload: 'small', figure: 'cpu', of: 'ours', to: 'floor', atMost: 1.1 };
  const judge = (of: Partial<Target>, ...peers: readonly PeerResult[]): string =>
    judgeTargets([{ ...target, ...of }], [describeWorkload(...peers)])[0]!;

  test.each([
    ['met at the number itself', 1.1, {}, 'met'],
    ['missed above it', 1.11, {}, 'missed'],
    ['missed at the number itself where it is to be below', 1, { atMost: 1, isBelow: true }, 'missed'],
    ['met below it', 0.99, { atMost: 1, isBelow: true }, 'met'],
  ])('a target is %s', (_case, us, of, verdict) => {
    expect(judge(of, describePeer('ours', cost(us)), describePeer('floor', cost(1)))).toContain(
      `| ${verdict} | small: CPU a request, ours ÷ floor | ${us.toFixed(2)} (`,
    );
  });

  test('p99 is compared at the rate that is the same for both', () => {
    const line = judge(
      { figure: 'p99', atMost: 1.2 },
      describePeer('ours', cost(1), { atOwnRate: [rate(9_000)], atSameRate: [rate(3_000)] }),
      describePeer('floor', cost(1), { atOwnRate: [rate(1_000)], atSameRate: [rate(2_000)] }),
    );
    expect(line).toMatch(/^\| missed .* 1\.50 \(/);
  });

  test('a proxy that was too slow for the rate has missed it', () => {
    const floor = describePeer('floor', cost(1), { atSameRate: [rate(2_000)] });
    expect(judge({ figure: 'p99' }, describePeer('ours', cost(9)), floor)).toMatch(/^\| missed /);
  });

  test('nothing is claimed where one of the two is missing', () => {
    expect(judge({}, describePeer('ours', cost(1)))).toMatch(/^\| not measured .*at most 1\.10/);
  });

  test('targets are about workloads that there are', () => {
    const names = workloads.map(({ name }) => name);
    for (const { workload } of targets) expect(names).toContain(workload);
  });
});

describe('the table', () => {
  const table = writeTable(
    describeWorkload(
      describePeer('ours', cost(22, 24, 23), { atOwnRate: [rate(3_000, 800)] }),
      describePeer('floor', cost(20, 20, 20)),
    ),
    compared,
  );

  test('has the middle of the rounds, and the ratios to the floor and to ours', () => {
    expect(cellsOf(table, 'ours').slice(1, 4)).toEqual(['23.0', '1.15 (1.10–1.20)', '1']);
    expect(cellsOf(table, 'floor').slice(1, 4)).toEqual(['20.0', '1', '0.87 (0.83–0.91)']);
  });

  test('has no column that nobody has a figure for', () => {
    expect(table).toContain('p99 ms');
    expect(table).not.toContain('resident');
    expect(table).not.toContain('p99 ms at');
  });

  test('marks waits of a proxy that did not keep up', () => {
    expect(cellsOf(table, 'ours')).toContain('3.00*');
    expect(table).toContain('`*`: ');
  });

  test('tells every failure, who is left out, and who did not run', () => {
    const told = writeTable(
      {
        ...describeWorkload(
          describePeer('ours', [{ failed: 2 }, { failed: 1 }], {
            atOwnRate: [{ ...rate(1_000), failed: 4 }],
          }),
        ),
        leftOut: [{ name: 'nginx', why: 'it is not installed (apt-get install nginx-light)' }],
        broken: [{ name: 'fast-proxy', why: '/ is answered 502 with 0 bytes' }],
      },
      compared,
    );
    expect(cellsOf(told, 'ours').at(-1)).toBe('7');
    expect(told).toContain('- left out: nginx: it is not installed (apt-get install nginx-light)');
    expect(told).toContain('- **failed**: fast-proxy: /');
  });
});

describe('the plot', () => {
  const workload = describeWorkload(
    describePeer('<b> & "c"', cost(40)),
    describePeer('ours', cost(10), { atOwnRate: [rate(1_000)] }),
  );
  const plot = drawPlot(
    'small',
    pickPanels(workload, (name) => name === 'ours'),
    'here',
  );
  const bars = [...plot.matchAll(/<rect class="([^"]+)" .*? width="([\d.]+)"/g)].map(
    ([, kind, width]) => [kind, Number(width)] as const,
  );

  test('has bars as long as the figures, the least first, and ours marked', () => {
    expect(bars.map(([kind]) => kind)).toEqual(['bar ours', 'bar']);
    expect(bars[1]![1] / bars[0]![1]).toBeCloseTo(4, 1);
  });

  test('has no panel for a figure that only one has', () => {
    expect(plot).toContain('CPU time a request');
    expect(plot).not.toContain('p99');
  });

  test('takes names as text', () => {
    expect(plot).toContain('&lt;b&gt; &amp; &quot;c&quot;');
    expect(plot).not.toContain('<b>');
  });
});

describe('wrk', () => {
  const printed = [
    'Running 1s test @ http://127.0.0.1:9200/',
    '  10210 requests in 1.05s, 2.24MB read',
    '  Socket errors: connect 1, read 20, write 300, timeout 4000',
    '  Non-2xx or 3xx responses: 50000',
    'Requests/sec:   9723.81',
    'Transfer/sec:      2.13MB',
  ];

  test('tells answers, and all that failed', () => {
    expect(readWrk(printed.join('\n'))).toEqual({ answered: 10_210, perSecond: 9_723.81, failed: 54_321 });
  });

  test('is silent about failures where there are none', () => {
    expect(readWrk([...printed.slice(0, 2), ...printed.slice(4)].join('\n')).failed).toBe(0);
  });

  test('is not believed where it says nothing', () => {
    expect(() => readWrk('unable to connect to 127.0.0.1:9200')).toThrow('unable to connect');
  });

  test('gets requests byte by byte, whatever is in them', () => {
    expect(writeScript([Buffer.from('GET / HTTP/1.1\r\n\r\n"\\é1', 'latin1')])).toContain(
      String.raw`"GET / HTTP/1.1\013\010\013\010\034\092\2331"`,
    );
  });
});

describe('cores', () => {
  test.each([
    ['0', [0]],
    ['0-2,5', [0, 1, 2, 5]],
    ['', []],
  ])('the list %j is %j', (list, cores) => {
    expect(readCoreList(list)).toEqual(cores);
  });

  test('the first is for the proxies, the others are for the rest', () => {
    expect(divideCores('2-4')).toEqual({ proxy: '2', other: '3,4' });
  });

  test('one alone is not divided', () => {
    expect(divideCores('0')).toBeUndefined();
  });
});
