import { afterEach, describe, expect, test } from '@jest/globals';
import { ask } from '../support/ask.ts';
import { startRawBackend } from '../support/backend.ts';
import { senders } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { startHashing, startPair } from '../support/pair.ts';
import { RawClient } from '../support/raw-client.ts';
import { startToldFront } from '../support/stories.ts';

afterEach(tidyUp);

describe.each(senders)('%s', (_sender, sender) => {
  describe('an interim answer', () => {
    const hint = 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n';
    const rows = [
      ['that the client was told binds a request to its member', hint, '1.1', ['a']],
      ['that a client of HTTP/1.0 was not told binds nobody', hint, '1.0', ['a', 'b']],
      ['that ends here binds nobody', 'HTTP/1.1 100 Continue\r\n\r\n', '1.1', ['a', 'b']],
    ] as const;
    test.each(rows)('%s', async (_promise, interim, version, tried) => {
      const hinting = await startRawBackend((socket) => {
        socket.write(interim, () => socket.end());
      });
      const healthy = await startHashing();
      const front = await startPair(hinting.url, healthy.url, sender);
      const client = await RawClient.connect(front.port);
      const answer = await client.ask([`GET / HTTP/${version}`, 'Host: front', 'Connection: close']);
      expect(answer.interims.map(({ status }) => status)).toEqual(tried.length === 1 ? [103] : []);
      expect(answer.status).toBe(tried.length === 1 ? 502 : 200);
      expect([...hinting.begun, ...healthy.begun]).toHaveLength(tried.length);
    });

    test('may come ten times before the answer', async () => {
      const patient = await startRawBackend((socket) => {
        socket.write(
          `${'HTTP/1.1 102 Processing\r\n\r\n'.repeat(10)}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok`,
        );
      });
      const front = await startToldFront({ ...sender, members: [patient.url] });
      const client = await RawClient.connect(front.port);
      const answer = await client.ask(['GET / HTTP/1.1', 'Host: front']);
      expect([answer.interims.length, answer.status, answer.body]).toEqual([10, 200, 'ok']);
    });

    test('that comes on and on keeps a member from being silent, but not for ever', async () => {
      const chatty = await startRawBackend((socket) => {
        const timer = setInterval(() => socket.write('HTTP/1.1 102 Processing\r\n\r\n'), 300);
        socket.on('close', () => {
          clearInterval(timer);
        });
      });
      // Eleven of them take longer than that, and a machine under load pauses for less.
      const front = await startToldFront({ ...sender, members: [{ url: chatty.url, timeout: '2900ms' }] });
      expect(await ask(front.port)).toMatchObject({ status: 502, code: 'ERR_BALANCER_BAD_ANSWER' });
    });
  });
});
