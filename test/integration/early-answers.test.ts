import { once } from 'node:events';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { ask, hashOf, makeBody } from '../support/ask.ts';
import { listen, startBackend, type Backend } from '../support/backend.ts';
import { makeCertificates } from '../support/certificates.ts';
import { senders } from '../support/front.ts';
import { tidyUp, until } from '../support/idle.ts';
import { startHashing, startPair } from '../support/pair.ts';
import { RawClient } from '../support/raw-client.ts';
import { startToldFront } from '../support/stories.ts';
import { stopTime } from '../support/time.ts';

afterEach(tidyUp);

/** More than any buffer on the way holds. */
const large = makeBody(4 * 1024 * 1024);

/** A backend that does something as soon as a head has come, and reads no body. */
async function startHasty(
  act: (socket: Socket, res: ServerResponse) => void,
  isSecure = false,
): Promise<Backend> {
  const answer = (req: IncomingMessage, res: ServerResponse): void => {
    req.pause();
    req.socket.pause();
    act(req.socket, res);
  };
  const server = isSecure
    ? createHttpsServer((await makeCertificates()).server, answer)
    : createServer(answer);
  return listen(server, [], () => 0, { scheme: isSecure ? 'https' : 'http' });
}

function printAnswer(body: string, ...fields: readonly string[]): string {
  return ['HTTP/1.1 413 Content Too Large', 'Connection: close', ...fields, '', body].join('\r\n');
}

// RFC 9112 9.3 and 9.6 let a server do so; not all wait until the client has read what they said.
describe.each(senders)('%s: a member that answers before it has read a body', (_sender, sender) => {
  const refusal = printAnswer('too much', 'Content-Length: 8');

  test.each([
    ['closes', false, (socket: Socket) => socket.destroy()],
    ['resets', false, (socket: Socket) => socket.resetAndDestroy()],
    ['closes, over TLS', true, (socket: Socket) => socket.destroy()],
  ] as const)('and %s, is heard: what it says is told, each time', async (_doing, isSecure, end) => {
    const hasty = await startHasty((socket) => socket.write(refusal, () => end(socket)), isSecure);
    const { ca } = await makeCertificates();
    const front = await startToldFront({
      ...sender,
      members: [{ url: hasty.url, ...(isSecure && { tls: { ca } }) }],
    });
    for (const chunked of [false, true, false, true]) {
      const told = await ask(front.port, { method: 'POST', body: large, chunked });
      expect([told.status, told.text, told.whole]).toEqual([413, 'too much', true]);
    }
  });

  test('at length, and resets, is heard to the end', async () => {
    // In several reads, between which its client is waited for; and no more than a member's kernel has sent by then.
    const body = 'x'.repeat(50_000);
    const hasty = await startHasty((socket) => {
      const answer = printAnswer(body, `Content-Length: ${body.length}`);
      socket.write(answer, () => socket.resetAndDestroy());
    });
    const front = await startToldFront({ ...sender, members: [hasty.url] });
    for (const chunked of [false, true]) {
      const told = await ask(front.port, { method: 'POST', body: large, chunked });
      expect([told.status, told.whole, told.text === body]).toEqual([413, true, true]);
    }
  });

  test('and breaks off is not taken for one that has said all, where its end would be the end of its connection', async () => {
    const hasty = await startHasty((socket) => socket.write(printAnswer('half'), () => socket.destroy()));
    const front = await startToldFront({ ...sender, members: [hasty.url] });
    for (const chunked of [false, true]) {
      const told = await ask(front.port, { method: 'POST', body: large, chunked }).catch(String);
      expect(told).not.toMatchObject({ whole: true });
    }
  });

  test('and waits for its client to go on is not silent', async () => {
    const time = stopTime();
    const echo = await startBackendThatEchoes();
    const front = await startToldFront({ ...sender, members: [{ url: echo.url, timeout: '1s' }] });
    const client = await RawClient.connect(front.port);
    client.send(['POST / HTTP/1.1', 'Host: f', 'Transfer-Encoding: chunked'], '3\r\none\r\n');
    expect((await client.readHead()).status).toBe(200);
    expect(await client.readBytes('3\r\none\r\n'.length)).toContain('one');
    time.pass(5_000);
    for (let i = 0; i < 5; i += 1) await turn();
    client.write('3\r\ntwo\r\n0\r\n\r\n');
    expect(await client.readBytes('3\r\ntwo\r\n0\r\n\r\n'.length)).toBe('3\r\ntwo\r\n0\r\n\r\n');
  });

  test('and is silent when its client has said all is given up', async () => {
    const time = stopTime();
    const half = await startBackend('half', (_req, res) => {
      res.writeHead(200).write('half');
    });
    const front = await startToldFront({ ...sender, members: [{ url: half.url, timeout: '1s' }] });
    const client = await RawClient.connect(front.port);
    client.send(['POST / HTTP/1.1', 'Host: f', 'Transfer-Encoding: chunked'], '3\r\none\r\n0\r\n\r\n');
    await client.readBytes(20);
    for (let i = 0; i < 5; i += 1) await turn();
    time.pass(1_000);
    expect(await client.readRest()).not.toContain('\r\n0\r\n');
    expect(front.stories()).toEqual([expect.stringContaining('timeout')]);
  });
});

function startBackendThatEchoes(): Promise<Backend> {
  const server = createServer((req, res) => {
    res.flushHeaders();
    req.pipe(res);
  });
  return listen(server, [], () => 0);
}

describe.each(senders)(
  '%s: a member that dies while its client still holds half of a body back',
  (_sender, sender) => {
    /** Asks, and has the member of it close when half of the body is there. */
    async function askByHalves(method: string): Promise<Readonly<{ client: RawClient; healthy: Backend }>> {
      const healthy = await startHashing();
      const dying = createServer((req, res) => {
        if (req.method === 'GET') res.end();
        else req.once('data', () => req.socket.destroy());
      });
      const { url } = await listen(dying, [], () => 0);
      const front = await startPair(url, healthy.url, sender);
      const client = await RawClient.connect(front.port);
      const met = once(dying, 'connection') as Promise<[Socket]>;
      client.send([`${method} / HTTP/1.1`, 'Host: f', 'Content-Length: 8'], 'half');
      const [socket] = await met;
      await once(socket, 'close');
      return { client, healthy };
    }

    test('leaves a PUT to the other, with what was kept and with what is to come', async () => {
      const { client, healthy } = await askByHalves('PUT');
      await until(() => healthy.begun.length === 1);
      client.write('half');
      const { status, headers } = await client.readAnswer('PUT');
      expect([status, headers]).toEqual([200, expect.arrayContaining([hashOf(Buffer.from('halfhalf'))])]);
    });

    test('has a POST refused at once, and the connection of its client carries the next request', async () => {
      const { client, healthy } = await askByHalves('POST');
      expect((await client.readAnswer('POST')).status).toBe(502);
      expect(healthy.begun).toEqual([]);
      client.write('half');
      expect((await client.ask(['GET /next HTTP/1.1', 'Host: f'])).status).toBe(200);
    });
  },
);
