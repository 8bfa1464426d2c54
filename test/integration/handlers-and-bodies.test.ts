import { afterEach, describe, expect, test } from '@jest/globals';
import type { LocalHandler } from '../../src/index.ts';
import { ask, hashOf, makeBody } from '../support/ask.ts';
import { deadUrl } from '../support/backend.ts';
import { startFaulty } from '../support/faults.ts';
import { senders } from '../support/front.ts';
import { startHandler } from '../support/handler.ts';
import { tidyUp } from '../support/idle.ts';
import { RawClient } from '../support/raw-client.ts';
import { startToldFront } from '../support/stories.ts';
import { startEcho } from '../support/traffic.ts';

afterEach(tidyUp);

const byIteration: LocalHandler = async (req, res) => {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  res.end(hashOf(Buffer.concat(chunks)));
};

const byListeners: LocalHandler = (req, res) => {
  const chunks: Buffer[] = [];
  req.on('data', (chunk: Buffer) => chunks.push(chunk));
  req.on('end', () => res.end(hashOf(Buffer.concat(chunks))));
};

const readers: readonly (readonly [how: string, handler: LocalHandler])[] = [
  ['iterates', byIteration],
  ['listens', byListeners],
];

describe.each(senders)('a handler behind a server, over %s', (_name, sender) => {
  describe.each(readers)('when it %s', (_how, handler) => {
    test('is not asked when the server has read the body and failed', async () => {
      const faulty = await startFaulty('resets the connection');
      const front = await startToldFront({
        ...sender,
        members: [
          { url: faulty.url, route: 'there' },
          { handler, route: 'here', status: 'H' },
        ],
      });

      for (const chunked of [false, true]) {
        front.balancer.change('there', '-E');
        const told = await ask(front.port, { method: 'PUT', body: makeBody(1_000), chunked });
        expect(told).toMatchObject({ status: 502, code: 'ERR_BALANCER_RESET' });
      }
      expect(front.member('here').elected).toBe(0);
    });

    test('gets the whole body when the server has refused the connection', async () => {
      const front = await startToldFront({
        ...sender,
        members: [
          { url: await deadUrl(), route: 'there' },
          { handler, route: 'here', status: 'H' },
        ],
      });

      for (const length of [1_000, 300_000]) {
        const body = makeBody(length);
        for (const chunked of [false, true]) {
          front.balancer.change('there', '-E');
          const told = await ask(front.port, { method: 'PUT', body, chunked });
          expect(told).toMatchObject({ status: 200, text: hashOf(body) });
        }
      }
      expect(front.member('there').elected).toBe(4);
      expect(front.member('here').elected).toBe(4);
    });
  });

  test('is not asked when the server has failed in the middle of the body', async () => {
    const hasty = await startHandler((req) => {
      req.on('error', () => undefined);
      req.once('data', () => req.socket.resetAndDestroy());
    });
    const front = await startToldFront({
      ...sender,
      members: [
        { url: hasty.url, route: 'there' },
        { handler: byIteration, route: 'here', status: 'H' },
      ],
    });
    const client = await RawClient.connect(front.port);

    client.send(['PUT / HTTP/1.1', 'Host: a', 'Content-Length: 1000'], 'x'.repeat(500));

    expect((await client.readAnswer('PUT')).status).toBe(502);
    expect(front.member('here').elected).toBe(0);
  });

  test('is passed over in favour of a server, which gets the whole body', async () => {
    const [faulty, good] = [await startFaulty('resets the connection'), await startEcho('good')];
    const front = await startToldFront({
      ...sender,
      members: [
        { url: faulty.url, route: 'faulty' },
        { handler: byIteration, route: 'here' },
        { url: good.url, route: 'good' },
      ],
    });
    const body = makeBody(1_000);

    const told = await ask(front.port, { method: 'PUT', body });

    expect(told).toMatchObject({ status: 200, text: hashOf(body), headers: { 'x-backend': 'good' } });
    expect(front.stories()[0]).toMatch(/^faulty reset \w+, good answered 200$/);
  });

  test('is asked when the server has failed a request that has no body', async () => {
    const faulty = await startFaulty('resets the connection');
    const front = await startToldFront({
      ...sender,
      members: [faulty.url, { handler: byIteration, status: 'H' }],
    });

    expect(await ask(front.port)).toMatchObject({ status: 200, text: hashOf(Buffer.alloc(0)) });
  });
});
