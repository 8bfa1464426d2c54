import type { Balancer } from '../balancer.ts';
import { describe } from '../definition/describe.ts';
import { complain, indent } from './complain.ts';
import { readName } from './read-options.ts';
import { lookUntil, type Patience } from './until.ts';

/**
 * Waits until no request is under way at any member, upgraded connections included: after each test nothing may be left. Rejects with an
 * AssertionError after `within` (4 s) of real time.
 */
export async function expectIdle(balancer: Balancer, patience: Patience = {}): Promise<void> {
  const listBusy = (): readonly string[] =>
    balancer.view().flatMap(({ name, busy }) => (busy > 0 ? [`${name}: ${busy}`] : []));
  await lookUntil(
    () => listBusy().length === 0 || undefined,
    (seconds) => {
      const hint = 'a client that has not read its answer, a WebSocket that is open, or a member that hangs';
      const message = `after ${seconds} s requests are still under way: ${hint}${indent(listBusy())}`;
      return complain({ message }, expectIdle);
    },
    patience,
  );
}

/**
 * Waits until members are in that state, by httpd's letters as in `balancer.view()`: `{ app1: 'E', app2: '' }`. `E`: in error, `C`: fails its
 * health checks, `D`: disabled, `N`: drains, `''`: nothing of all that. The order of letters does not count. Rejects with an
 * AssertionError after `within` (4 s) of real time.
 */
export async function expectStatus<Name extends string>(
  balancer: Balancer<Name>,
  statuses: Readonly<Partial<Record<NoInfer<Name>, string>>>,
  patience: Patience = {},
): Promise<void> {
  const names = balancer.view().map(({ name }) => name);
  const wanted = Object.entries(statuses).map(([name, letters]) => {
    if (typeof letters !== 'string' || !/^[INDSEHRC]*$/.test(letters))
      throw new TypeError(
        `expectStatus: ${name}: ${describe(letters)}: write httpd's letters, such as 'E', or ''`,
      );
    return [readName(name, names, 'expectStatus'), letters] as const;
  });
  const statusOf = (name: string): string =>
    balancer.view().find((each) => each.name === name)?.status ?? 'gone';
  await lookUntil(
    () => wanted.every(([name, letters]) => sort(statusOf(name)) === sort(letters)) || undefined,
    (seconds) => {
      const lines = wanted.map(([name, letters]) => `${name}: '${statusOf(name)}', expected '${letters}'`);
      const actual = Object.fromEntries(wanted.map(([name]) => [name, statusOf(name)]));
      const message = `within ${seconds} s the members have not come to be so:${indent(lines)}`;
      return complain({ message, actual, expected: Object.fromEntries(wanted) }, expectStatus);
    },
    patience,
  );
}

function sort(letters: string): string {
  return Array.from(letters).toSorted().join('');
}
