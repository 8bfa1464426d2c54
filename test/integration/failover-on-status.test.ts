import { afterEach, describe, expect, test } from '@jest/globals';
import type { BalancerDefinition } from '../../src/index.ts';
import { ask, askStatuses, hashOf, makeBody, type Asked } from '../support/ask.ts';
import { deadUrl, startBackend, type Backend } from '../support/backend.ts';
import { startFaulty } from '../support/faults.ts';
import { senders } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { startToldFront, type ToldFront } from '../support/stories.ts';

afterEach(tidyUp);

/** A backend that answers this status, says who it is and asks for patience. */
function startAnswering(status: number, name: string): Promise<Backend> {
  return startBackend(name, (_req, res, { body }) => {
    res.writeHead(status, { 'X-Hash': hashOf(body), 'Retry-After': '7', 'X-Backend': name });
    res.end(`${name} says ${status}`);
  });
}

describe.each(senders)('%s', (_sender, sender) => {
  async function startPair(
    statuses: readonly [number, number],
    definition: Partial<BalancerDefinition> = {},
  ): Promise<ToldFront & Readonly<{ a: Backend; b: Backend }>> {
    const a = await startAnswering(statuses[0], 'a');
    const b = await startAnswering(statuses[1], 'b');
    const front = await startToldFront({
      ...sender,
      ...definition,
      members: [
        { url: a.url, route: 'a' },
        { url: b.url, route: 'b', lbset: 1 },
      ],
    });
    return { ...front, a, b };
  }

  describe('failoverOn', () => {
    const on503 = { failoverOn: [502, 503] } as const;

    test('a status of it moves an idempotent request, and marks nobody', async () => {
      const front = await startPair([503, 200], on503);
      for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS']) {
        expect(await ask(front.port, { method })).toMatchObject({ status: 200, text: 'b says 200' });
      }
      expect(front.stories()).toEqual(Array(4).fill('a discarded 503, b answered 200'));
      expect(front.member('a')).toMatchObject({ status: '', elected: 4 });
    });

    test('a status of it relays the answer to a POST', async () => {
      const front = await startPair([503, 200], on503);
      for (const method of ['POST', 'PATCH']) {
        const told = await ask(front.port, { method });
        expect(told).toMatchObject({ status: 503, text: 'a says 503', headers: { 'retry-after': '7' } });
      }
      expect(front.b.begun).toEqual([]);
      expect(front.errors).toEqual([]);
    });

    test('another status is relayed', async () => {
      const front = await startPair([500, 200], on503);
      expect(await ask(front.port)).toMatchObject({ status: 500, text: 'a says 500' });
      expect(front.stories()).toEqual(['a answered 500']);
    });

    test('when nobody is left, the last answer is relayed, its fields and body too', async () => {
      const front = await startPair([503, 502], on503);
      expect(await ask(front.port)).toMatchObject({
        status: 502,
        text: 'b says 502',
        headers: { 'x-backend': 'b', 'retry-after': '7' },
      });
      expect(front.stories()).toEqual(['a discarded 503, b answered 502']);
      expect(front.errors).toEqual([]);
    });

    test('an answer that was discarded is gone: when the next member fails, that is told', async () => {
      const a = await startAnswering(503, 'a');
      const b = await startFaulty('answers garbage');
      const members = [
        { url: a.url, route: 'a' },
        { url: b.url, route: 'b', lbset: 1 },
      ];
      const front = await startToldFront({ ...sender, ...on503, members });
      expect(await ask(front.port)).toMatchObject({ status: 502, code: 'ERR_BALANCER_BAD_ANSWER' });
      expect(front.stories()).toEqual([expect.stringMatching(/^a discarded 503, b bad-answer\b/)]);
    });

    test('an answer is not discarded for members that cannot be tried', async () => {
      const a = await startAnswering(503, 'a');
      const front = await startToldFront({
        ...sender,
        ...on503,
        members: [a.url, { url: await deadUrl(), status: 'D' }],
      });
      expect(await ask(front.port)).toMatchObject({ status: 503, text: 'a says 503' });
    });

    test('a body of more than replayBytes stays, and its answer is relayed', async () => {
      const front = await startPair([503, 200], on503);
      const whole = makeBody(60_000);
      expect(await ask(front.port, { method: 'PUT', body: whole })).toMatchObject({
        status: 200,
        headers: { 'x-hash': hashOf(whole) },
      });
      expect(await ask(front.port, { method: 'PUT', body: makeBody(70_000) })).toMatchObject({ status: 503 });
    });

    test('the answer that is discarded may be endless', async () => {
      const endless = await startBackend('endless', (_req, res) => {
        res.writeHead(503);
        const pour = (): void => {
          while (!res.destroyed && res.write(Buffer.alloc(65_536)));
        };
        res.on('drain', pour);
        pour();
      });
      const b = await startBackend('b');
      const front = await startToldFront({
        ...sender,
        ...on503,
        members: [endless.url, { url: b.url, lbset: 1 }],
      });
      expect(await ask(front.port)).toMatchObject({ status: 200, text: 'b' });
    });
  });

  describe('a request that is not idempotent moves after it was sent', () => {
    type Row = readonly [
      why: string,
      failoverOn: NonNullable<BalancerDefinition['failoverOn']>,
      asked: Asked,
      moves: boolean,
    ];
    const key = { 'Idempotency-Key': '8e03978e' };
    const rows: readonly Row[] = [
      ['never, by itself', { status: [503] }, { method: 'POST' }, false],
      ['with its method in methods', { status: [503], methods: ['POST'] }, { method: 'POST' }, true],
      ['not with another method there', { status: [503], methods: ['POST'] }, { method: 'PATCH' }, false],
      [
        'with an Idempotency-Key',
        { status: [503], idempotencyKey: true },
        { method: 'POST', headers: key },
        true,
      ],
      [
        'not with a key that the definition does not allow',
        { status: [503] },
        { method: 'POST', headers: key },
        false,
      ],
      ['not without the key', { status: [503], idempotencyKey: true }, { method: 'POST' }, false],
      [
        'with a key of another name',
        { status: [503], idempotencyKey: 'X-Request-Key' },
        { method: 'PATCH', headers: { 'X-Request-Key': '1' } },
        true,
      ],
      [
        'not with the usual key when another name is said',
        { status: [503], idempotencyKey: 'X-Request-Key' },
        { method: 'POST', headers: key },
        false,
      ],
    ];
    test.each(rows)('%s', async (_why, failoverOn, asked, moves) => {
      const body = makeBody(1_000);
      const front = await startPair([503, 200], { failoverOn });
      const told = await ask(front.port, { ...asked, body });
      expect([told.status, told.headers['x-hash']]).toEqual([moves ? 200 : 503, hashOf(body)]);
      expect([front.a.begun.length, front.b.begun.length]).toEqual([1, moves ? 1 : 0]);

      const reset = await startFaulty('resets the connection');
      const other = await startAnswering(200, 'b');
      const members = [reset.url, { url: other.url, lbset: 1 }];
      const second = await startToldFront({ ...sender, failoverOn, members });
      expect((await ask(second.port, { ...asked, body })).status).toBe(moves ? 200 : 502);
      expect([reset.begun.length, other.begun.length]).toEqual([1, moves ? 1 : 0]);
    });
  });

  describe('failonstatus', () => {
    test('E17: relays the answer, and marks the member for the requests that follow', async () => {
      const front = await startPair([503, 200], { failonstatus: [503, 500] });
      expect(await ask(front.port)).toMatchObject({
        status: 503,
        text: 'a says 503',
        headers: { 'retry-after': '7', 'x-backend': 'a' },
      });
      expect(front.member('a').status).toBe('E');
      expect(await askStatuses(front.port, 3)).toEqual([200, 200, 200]);
      expect(front.stories().slice(0, 2)).toEqual(['a answered 503', 'b answered 200']);
    });

    test('marks for a POST too', async () => {
      const front = await startPair([500, 200], { failonstatus: 500 });
      expect((await ask(front.port, { method: 'POST' })).status).toBe(500);
      expect(front.member('a').status).toBe('E');
    });

    test('E16: without it a 503 is relayed as it is, and the member serves on', async () => {
      const front = await startPair([503, 200]);
      for (let i = 0; i < 2; i += 1) {
        expect(await ask(front.port)).toMatchObject({
          status: 503,
          text: 'a says 503',
          headers: { 'retry-after': '7' },
        });
      }
      expect(front.member('a')).toMatchObject({ status: '', elected: 2 });
      expect(front.errors).toEqual([]);
    });

    test('together with failoverOn marks, and moves', async () => {
      const front = await startPair([503, 200], { failonstatus: 503, failoverOn: [503] });
      expect(await ask(front.port)).toMatchObject({ status: 200, text: 'b says 200' });
      expect(front.member('a').status).toBe('E');
      expect(front.stories()).toEqual(['a discarded 503, b answered 200']);
    });
  });
});
