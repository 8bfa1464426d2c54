import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { senders, startFront } from '../../support/front.ts';
import { noteWhatIsThere, nothingIsLeft } from '../support/leftovers.ts';
import { askAtRates, middleOf, startPlaces } from '../support/load-overload.ts';
import { stopPrograms } from '../support/programs.ts';

beforeEach(noteWhatIsThere);

afterEach(async () => {
  await stopPrograms();
  await nothingIsLeft();
});

const max = 20;
const serviceMs = 100;

describe.each(senders)('at three times what the members can do, over %s,', (name, sender) => {
  test('who is accepted is served nearly as soon as ever, who is not is told at once, and all is well a second after', async () => {
    const members = await startPlaces({ members: 2, places: max, serviceMs, beyond: 'waits' });
    const front = await startFront({
      ...sender,
      members: members.urls.map((url) => ({ url, max })),
      // A quarter as many as there are places: who is the last of them waits for a quarter of what a request takes.
      queueLength: max / 2,
    });
    front.server.keepAliveTimeout = 60_000;
    const { perSecond } = members;

    const { phases, told } = await askAtRates(front.port, [
      { perSecond: perSecond / 4, ms: 4_000 },
      { perSecond: perSecond * 3, ms: 5_000 },
      { perSecond: perSecond / 2, ms: 6_000 },
    ]);
    const [quiet = [], overloaded = [], after = []] = phases;
    const { executed, most } = await members.read();

    const quietP99Ms = middleOf(quiet, ({ acceptedP99Ms }) => acceptedP99Ms);
    // "Within a second."
    const recovered = after.slice(1);
    const figures = {
      quietP99Ms,
      acceptedPerSecond: middleOf(overloaded, ({ accepted }) => accepted),
      acceptedP99Ms: middleOf(overloaded, ({ acceptedP99Ms }) => acceptedP99Ms),
      refusedPerSecond: middleOf(overloaded, ({ refused }) => refused),
      refusedP99Ms: middleOf(overloaded, ({ refusedP99Ms }) => refusedP99Ms),
      recoveredP99Ms: middleOf(recovered, ({ acceptedP99Ms }) => acceptedP99Ms),
    };
    process.stdout.write(`${name}: ${JSON.stringify({ ...figures, phases })}\n`);

    // Each was told something, and what it was told is so.
    expect(Object.keys(told).sort()).toEqual(['200', '503 ERR_BALANCER_OVERLOAD']);
    expect([...executed].sort()).toEqual([...told['200']!].sort());
    expect(most).toBeLessThanOrEqual(max);

    expect(figures.acceptedP99Ms).toBeLessThan(2 * quietP99Ms);
    expect(figures.acceptedPerSecond).toBeGreaterThan(0.8 * perSecond);
    expect(figures.refusedPerSecond).toBeGreaterThan(1.5 * perSecond);
    // A quarter of what is waited for; a busy machine takes some of it.
    expect(figures.refusedP99Ms).toBeLessThan(serviceMs / 2);
    expect(middleOf(recovered, ({ refused }) => refused)).toBe(0);
    expect(figures.recoveredP99Ms).toBeLessThan(1.5 * quietP99Ms);
  });

  test('and who has to be answered by a deadline is, rather than given a place that comes too late', async () => {
    const members = await startPlaces({ members: 2, places: max, serviceMs, beyond: 'waits' });
    // The queue is longer than what can be served of it by then.
    const front = await startFront({
      ...sender,
      deadline: '1s',
      members: members.urls.map((url) => ({ url, max })),
    });
    front.server.keepAliveTimeout = 60_000;

    const { phases, told } = await askAtRates(front.port, [{ perSecond: 3 * members.perSecond, ms: 5_000 }]);
    const [, ...slices] = phases[0]!;
    const acceptedPerSecond = middleOf(slices, ({ accepted }) => accepted);
    const outcomes = Object.entries(told).map(([what, ids]) => `${ids.length} ${what}`);
    process.stdout.write(
      `${name}: ${acceptedPerSecond} a second by their deadline; ${outcomes.join(', ')}\n`,
    );
    expect(acceptedPerSecond).toBeGreaterThan(0.6 * members.perSecond);
  });
});
