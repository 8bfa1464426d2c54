import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { startRawBackend } from '../support/backend.ts';
import { startFront } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { RawClient } from '../support/raw-client.ts';

afterEach(tidyUp);

test('what a member says before a byte of the request has left is no answer to it', async () => {
  const sockets: Socket[] = [];
  const backend = await startRawBackend((socket) => {
    sockets.push(socket);
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  });
  const front = await startFront({ members: [backend.url] });
  const one = await RawClient.connect(front.port);
  expect((await one.ask(['GET / HTTP/1.1', 'Host: f'])).status).toBe(200);
  const other = await RawClient.connect(front.port);
  const asked = once(front.server, 'request');
  other.send(['PUT / HTTP/1.1', 'Host: f', 'Content-Length: 4']);
  await asked;
  // As servers do whose patience with an idle connection is over.
  const gone = once(sockets[0]!, 'close');
  sockets[0]!.write('HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  await gone;
  other.write('body');
  expect((await other.readAnswer('PUT')).status).toBe(200);
  expect(sockets).toHaveLength(2);
});
