import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { startBackend } from '../support/backend.ts';
import { senders, startFront } from '../support/front.ts';
import { tidyUp, until } from '../support/idle.ts';
import { closeRawClients, RawClient } from '../support/raw-client.ts';

afterEach(async () => {
  closeRawClients();
  await tidyUp();
});

/** A member that holds `/slow` back, and answers all else at once, with an early hint before. */
async function startMember(): Promise<Readonly<{ url: string; held: ServerResponse[] }>> {
  const held: ServerResponse[] = [];
  const { url } = await startBackend('member', (req, res) => {
    if (req.url === '/slow') {
      held.push(res);
      return;
    }
    if (req.url === '/hint') res.writeEarlyHints({ link: '</style.css>; rel=preload' });
    res.end(`answer to ${req.url!}`);
  });
  return { url, held };
}

describe.each(senders)(
  'an answer that waits for the one before it on its connection, over %s,',
  (_name, sender) => {
    // Node puts the head of an answer that waits in front of what was written before it, where the body is a Buffer.
    test.each([
      [
        '100 (Continue)',
        ['GET /now HTTP/1.1', 'Host: a', 'Expect: 100-continue', 'Content-Length: 1'],
        'x',
        100,
      ],
      ['103 (Early Hints)', ['GET /hint HTTP/1.1', 'Host: a'], '', 103],
    ])('comes behind its own %s, and whole', async (_what, lines, body, interim) => {
      const member = await startMember();
      const front = await startFront({ ...sender, members: [member.url] });
      const responses: ServerResponse[] = [];
      front.server.on('request', (_req, res: ServerResponse) => responses.push(res));

      const client = await RawClient.connect(front.port);
      client.send(['GET /slow HTTP/1.1', 'Host: a']).send(lines, body);
      await until(() => member.held.length === 1 && responses[1]?.writableEnded === true);
      member.held[0]!.end('answer to /slow');
      expect((await client.readAnswer()).body).toBe('answer to /slow');
      const second = await client.readAnswer();
      expect(second).toMatchObject({ status: 200, body: `answer to ${lines[0]!.split(' ')[1]!}` });
      expect(second.interims.map(({ status }) => status)).toEqual([interim]);
    });

    test.each(['GET', 'POST'])(
      'comes behind its own 100 (Continue) as an error page too: %s',
      async (method) => {
        const member = await startMember();
        const front = await startFront({ ...sender, members: [member.url] });
        const client = await RawClient.connect(front.port);
        const refused = [`${method} /..;/a HTTP/1.1`, 'Host: a', 'Expect: 100-continue', 'Content-Length: 1'];
        client.send(['GET /slow HTTP/1.1', 'Host: a']).send(refused, 'x');
        await until(() => member.held.length === 1);
        member.held[0]!.end('answer to /slow');
        expect((await client.readAnswer()).body).toBe('answer to /slow');
        const second = await client.readAnswer();
        expect([second.status, JSON.parse(second.body)]).toMatchObject([
          400,
          { code: 'ERR_BALANCER_BAD_REQUEST' },
        ]);
        expect(front.errors).toHaveLength(1);
      },
    );

    test('is told of to an app once where it is none, though its client leaves before its turn', async () => {
      const member = await startMember();
      const front = await startFront({ ...sender, members: [member.url] });
      const client = await RawClient.connect(front.port);
      client
        .send(['GET /slow HTTP/1.1', 'Host: a'])
        .send(['GET /..;/a HTTP/1.1', 'Host: a', 'Expect: 100-continue', 'Content-Length: 1'], 'x');
      await until(() => member.held.length === 1);
      client.socket.destroy();
      await until(() => front.errors.length === 1);
    });
  },
);
