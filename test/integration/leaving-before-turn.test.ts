import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { startBackend } from '../support/backend.ts';
import { senders, startFront, type Front } from '../support/front.ts';
import { tidyUp, until } from '../support/idle.ts';
import { closeRawClients, RawClient } from '../support/raw-client.ts';

afterEach(async () => {
  closeRawClients();
  await tidyUp();
});

/** A client that has sent requests in a row, none of which the member has answered. */
async function sendInARow(
  sender: object,
  count: number,
): Promise<Readonly<{ front: Front; client: RawClient; connection: Socket; ended: unknown[] }>> {
  const held: ServerResponse[] = [];
  const member = await startBackend('member', (_req, res) => void held.push(res));
  const front = await startFront({ ...sender, members: [member.url] });
  const ended: unknown[] = [];
  front.balancer.on('request', ({ status }) => ended.push(status));
  const connected = once(front.server, 'connection');
  const client = await RawClient.connect(front.port);
  const [connection] = (await connected) as [Socket];
  for (let i = 0; i < count; i += 1) client.send([`GET /${i} HTTP/1.1`, 'Host: a']);
  await until(() => held.length === count);
  return { front, client, connection, ended };
}

// Node 22 does not close the responses that wait for their turn; by them members would stay busy for ever.
describe.each(senders)('a client that leaves before its answers, over %s,', (_name, sender) => {
  test('keeps no member busy, whichever answer had its turn', async () => {
    const { front, client, ended } = await sendInARow(sender, 3);
    expect(front.balancer.view()[0]!.busy).toBe(3);
    client.socket.destroy();
    await until(() => front.balancer.view()[0]!.busy === 0);
    expect(ended).toEqual([undefined, undefined, undefined]);
  });
});

test('however many requests come in a row, its connection has few listeners', async () => {
  const { front, client, connection } = await sendInARow({}, 12);
  expect(connection.listenerCount('close')).toBeLessThan(10);
  client.socket.destroy();
  await until(() => front.balancer.view()[0]!.busy === 0);
});
