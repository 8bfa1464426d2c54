import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { BalancerDefinition } from '../../src/index.ts';
import { ask } from '../support/ask.ts';
import { startBackend, type Backend } from '../support/backend.ts';
import { startFaulty } from '../support/faults.ts';
import { senders } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { startToldFront, type ToldFront } from '../support/stories.ts';
import { stopTime, type StoppedTime } from '../support/time.ts';

afterEach(tidyUp);

// A member that is killed resets what it was asked before anybody finds it gone; the one that was killed before it, and has
// come back since, is in error for its `retry`.
describe.each(senders)('a request that all members up have failed, over %s', (_name, sender) => {
  let time: StoppedTime;

  beforeEach(() => {
    time = stopTime();
  });

  type Pair = Readonly<{ front: ToldFront; faulty: Backend; failing: Backend }>;

  /** `up` resets each request; `down` is in error, and answers as it is told to. */
  async function startPair(
    definition: Partial<BalancerDefinition> = {},
    answer: Parameters<typeof startBackend>[1] = (_req, res) => res.end('down'),
  ): Promise<Pair> {
    const failing = await startBackend('down', answer);
    const faulty = await startFaulty('resets the connection');
    const front = await startToldFront({
      ...sender,
      ...definition,
      members: [
        { url: faulty.url, route: 'up' },
        { url: failing.url, route: 'down', retry: '50s' },
      ],
    });
    front.balancer.change('down', '+E');
    return { front, faulty, failing };
  }

  test('is tried by the one in error, who serves again if it answers', async () => {
    const { front } = await startPair();
    expect(await ask(front.port)).toMatchObject({ status: 200, text: 'down' });
    expect(front.stories()).toEqual(['up reset ECONNRESET, down answered 200']);
    expect(front.member('down')).toMatchObject({ status: '', retries: 0 });
  });

  test('leaves the one in error as it was when that fails, too: it is due when it was', async () => {
    const { front, failing } = await startPair();
    await failing.stop();
    time.pass(20_000);
    for (let i = 0; i < 5; i += 1) {
      expect(await ask(front.port)).toMatchObject({ status: 503, code: 'ERR_BALANCER_CONNECT' });
    }
    expect(front.stories()[4]).toBe('up reset ECONNRESET, down connect ECONNREFUSED');
    expect(front.member('down')).toMatchObject({ status: 'E', retries: 0, retryInMs: 30_000 });
  });

  test('does not bring one back who was ejected, and answers badly again', async () => {
    let status = 500;
    const ailing = await startBackend('ailing', (_req, res) => res.writeHead(status).end());
    const faulty = await startFaulty('resets the connection');
    const front = await startToldFront({
      ...sender,
      ejection: { consecutive: 1, time: '50s' },
      members: [
        { url: ailing.url, route: 'ailing' },
        { url: faulty.url, lbset: 1 },
      ],
    });
    expect((await ask(front.port)).status).toBe(500);
    time.pass(20_000);
    expect((await ask(front.port)).status).toBe(500);
    expect(ailing.begun).toHaveLength(2);
    expect(front.member('ailing')).toMatchObject({ status: 'E', retryInMs: 30_000 });
    status = 200;
    expect((await ask(front.port)).status).toBe(200);
    expect(front.member('ailing')).toMatchObject({ status: '' });
  });

  test.each<[string, Partial<BalancerDefinition>, string]>([
    ['without forcerecovery', { forcerecovery: false }, 'GET'],
    ['with maxattempts at 0', { maxattempts: 0 }, 'GET'],
    ['where it must not be executed twice', {}, 'POST'],
  ])('is not tried by the one in error %s', async (_when, definition, method) => {
    const { front, failing } = await startPair(definition);
    expect(await ask(front.port, { method })).toMatchObject({ status: 502, code: 'ERR_BALANCER_RESET' });
    expect(failing.begun).toEqual([]);
  });

  test('has its answer, if it is one of failoverOn: better that than who is in error', async () => {
    const busy = await startBackend('up', (_req, res) =>
      res.writeHead(503, { 'Retry-After': '7' }).end('busy'),
    );
    const failing = await startBackend('down');
    const front = await startToldFront({
      ...sender,
      failoverOn: [503],
      members: [busy.url, { url: failing.url, route: 'down' }],
    });
    front.balancer.change('down', '+E');
    expect(await ask(front.port)).toMatchObject({
      status: 503,
      text: 'busy',
      headers: { 'retry-after': '7' },
    });
    expect(failing.begun).toEqual([]);
  });
});
