import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { TotalsOfProcess } from '../../../src/sharing/hub.ts';
import type { OtherBalancer } from '../../../src/sharing/shared-totals.ts';
import { shareTotals } from '../../../src/sharing/share-totals.ts';
import { createCounted } from '../../support/counted.ts';
import { stopProcessTime } from '../../support/time.ts';

// Reading many takes longer than it is waited for where the machine is busy.
beforeEach(() => {
  stopProcessTime();
});

afterEach(() => {
  jest.useRealTimers();
});

const fine = '[0,0,[0,0,1,0,0,0],{},[5,3,1],{},[0]]';
const fineMember = '[0,1,10,20,0,{"answered":1},[0,0,1,0,0,0],0,{},[5,3,1]]';
const field = 'shop/%7Chttp%3A%2F%2Fa';

/** What is shown of what others say, and what is said about it. */
async function read(
  ...totals: readonly TotalsOfProcess[]
): Promise<{ others: readonly OtherBalancer[]; warnings: readonly string[] }> {
  const warnings: string[] = [];
  const share = shareTotals({
    balancer: createCounted('shop', 'a').balancer,
    hub: {
      process: 'here',
      status: () => ({ kind: 'shared', since: 0, processes: 2 }),
      readTotals: () => Promise.resolve(totals),
    },
    logger: { warn: (text) => warnings.push(String(text)) },
  });
  await share.totals.refresh();
  const others = share.totals.others();
  share.totals.others();
  return { others, warnings };
}

const of = (balancer: string, member = fineMember, process = 'p'): TotalsOfProcess => ({
  process,
  totals: new Map([
    ['shop', balancer],
    [field, member],
  ]),
});

test('what is well-formed is shown, and nothing is said', async () => {
  const { others, warnings } = await read(of(fine));
  expect(others.map(({ members }) => [...members.keys()])).toEqual([['|http://a']]);
  expect(warnings).toEqual([]);
});

describe('of a balancer', () => {
  test.each([
    '',
    'null',
    '{}',
    '[]',
    '[0,0,[0,0,1,0,0,0],{},[5,3,1],{},[0],0]',
    '{"length":7,"0":0}',
    '["1",0,[0,0,1,0,0,0],{},[0],{},[0]]',
    '[-1,0,[0,0,1,0,0,0],{},[0],{},[0]]',
    '[0.5,0,[0,0,1,0,0,0],{},[0],{},[0]]',
    '[1e999,0,[0,0,1,0,0,0],{},[0],{},[0]]',
    '[9007199254740992,0,[0,0,1,0,0,0],{},[0],{},[0]]',
    '[0,null,[0,0,1,0,0,0],{},[0],{},[0]]',
    '[0,0,[0,0,1,0,0],{},[0],{},[0]]',
    '[0,0,"000000",{},[0],{},[0]]',
    '[0,0,[0,0,1,0,0,0],[],[0],{},[0]]',
    '[0,0,[0,0,1,0,0,0],null,[0],{},[0]]',
    '[0,0,[0,0,1,0,0,0],{"ERR_BALANCER_CONNECT":-1},[0],{},[0]]',
    '[0,0,[0,0,1,0,0,0],{"ERR_BALANCER_CONNECT":"1"},[0],{},[0]]',
    '[0,0,[0,0,1,0,0,0],{},[],{},[0]]',
    '[0,0,[0,0,1,0,0,0],{},[0,1],{},[0]]',
    '[0,0,[0,0,1,0,0,0],{},[-5,3,1],{},[0]]',
    '[0,0,[0,0,1,0,0,0],{},[0,62,1],{},[0]]',
    '[0,0,[0,0,1,0,0,0],{},[0,-1,1],{},[0]]',
    '[0,0,[0,0,1,0,0,0],{},[0,1,-1],{},[0]]',
    '[0,0,[0,0,1,0,0,0],{},{"0":0,"length":1},{},[0]]',
    '[0,0,[0,0,1,0,0,0],{},[9,3,5,3,2],{},[0]]',
    '[0,0,[0,0,1,0,0,0],{},[9,3,5,2,2],{},[0]]',
    `[0,0,[0,0,1,0,0,0],{},[0],{},[0]]${' '.repeat(16_384)}`,
  ])('%.60j is not shown, and one warning is given', async (text) => {
    const { others, warnings } = await read(of(text));
    expect(others).toEqual([]);
    expect(warnings).toEqual([
      "[shop] the process 'p' tells totals that cannot be read (what it says of the balancer): they are left out of what the manager and the metrics show",
    ]);
  });
});

describe('of a member', () => {
  test.each([
    '[]',
    '[0,1,10,20,0,{},[0,0,1,0,0,0],0,{}]',
    '[0,1,10,-20,0,{},[0,0,1,0,0,0],0,{},[0]]',
    '[0,1,10,20,0,{"answered":null},[0,0,1,0,0,0],0,{},[0]]',
    '[0,1,10,20,0,{},[0,0,1,0,0,-1],0,{},[0]]',
    '[0,1,10,20,0,{},[0,0,1,0,0,0],[0],{},[0]]',
    '[0,1,10,20,0,{},[0,0,1,0,0,0],0,{},[1e999]]',
  ])('%j is not shown; what is well-formed is', async (text) => {
    const { others, warnings } = await read(of(fine, text));
    expect(others.map(({ members }) => members.size)).toEqual([0]);
    expect(warnings).toHaveLength(1);
  });

  test.each(['shop/%zz', `shop/${'x'.repeat(1_000)}`])('a field %.20j is not one', async (name) => {
    const { others, warnings } = await read({
      process: 'p',
      totals: new Map([
        ['shop', fine],
        [name, fineMember],
      ]),
    });
    expect(others.map(({ members }) => members.size)).toEqual([0]);
    expect(warnings).toHaveLength(1);
  });

  test('ten thousand are shown, and no further one', async () => {
    const many = Array.from({ length: 10_001 }, (_, i) => [`shop/m${i}`, fineMember] as const);
    const { others, warnings } = await read({ process: 'p', totals: new Map([['shop', fine], ...many]) });
    expect(others[0]!.members.size).toBe(10_000);
    expect(warnings).toHaveLength(1);
  });
});

test('words that nobody knows are left out, the others count', async () => {
  const words = '{"__proto__":1,"constructor":2,"ERR_BALANCER_CONNECT":3,"ERR_NEW":4}';
  const { others, warnings } = await read(of(`[0,0,[0,0,1,0,0,0],${words},[0],{},[0]]`));
  expect(others.map(({ tally }) => [...tally.errors])).toEqual([[['ERR_BALANCER_CONNECT', 3]]]);
  expect(warnings).toHaveLength(1);
});

test('a process is warned of once, in a line that it cannot break', async () => {
  const bad = 'p\nERROR all is lost';
  const { warnings } = await read(of('[]', '[]', bad), of('[]', '[]', bad), of('[]', '[]', 'q'));
  expect(warnings).toHaveLength(2);
  expect(warnings.join('')).not.toContain('\n');
});

test('of made-up processes no more than 256 are shown, and of too long a name none', async () => {
  const many = Array.from({ length: 300 }, (_, i) => of(fine, fineMember, `p${i}`));
  const { others } = await read(of(fine, fineMember, 'x'.repeat(301)), ...many);
  expect([others.length, others[0]!.process]).toEqual([256, 'p0']);
});
