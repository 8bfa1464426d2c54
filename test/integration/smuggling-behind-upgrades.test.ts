import type { RequestHandler } from 'express';
import { afterEach, describe, expect, test } from '@jest/globals';
import { startBackend, startRawBackend } from '../support/backend.ts';
import { createBalancer } from '../../src/index.ts';
import { senders, silent, startFront } from '../support/front.ts';
import { tidyUp, until } from '../support/idle.ts';
import { RawClient } from '../support/raw-client.ts';
import { HIDDEN } from '../support/smuggling/case.ts';
import { startUpgradeFront } from '../support/websocket.ts';

afterEach(tidyUp);

const upgrade = [
  'Host: a',
  'Connection: Upgrade, HTTP2-Settings',
  'Upgrade: h2c',
  'HTTP2-Settings: AAMAAABk',
];

describe.each(senders)('over %s, behind a request whose wish to switch is no server’s', (_name, sender) => {
  // Node loses what comes in the same piece as the end of such a request, and goes on with the next piece.
  test.each([
    ['a GET', 'GET', [], ''],
    ['a POST', 'POST', [], ''],
    ['a POST with a body', 'POST', ['Content-Length: 5'], 'hello'],
  ])('the second half of something is no request: %s', async (_what, method, framing, body) => {
    let answer = (): void => undefined;
    const member = await startRawBackend((socket) => {
      answer = () => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
    const come: unknown[] = [];
    const note: RequestHandler = (req, _res, next) => {
      come.push(req.url);
      next();
    };
    const front = await startFront({ ...sender, members: [member.url] }, { before: (app) => app.use(note) });
    const client = await RawClient.connect(front.port);

    const rest = `POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: ${HIDDEN.length}\r\n\r\n`;
    client.send([`${method} /a HTTP/1.1`, ...upgrade, ...framing], body + rest);
    await until(() => member.begun.length === 1);
    client.write(HIDDEN);
    // Node takes it for one.
    await until(() => come.length === 2);
    answer();

    expect(await client.readAnswer()).toMatchObject({ status: 200, body: 'ok' });
    expect(await client.readRest()).toBe('');
    expect([come, member.begun]).toEqual([['/a', '/hidden'], [`${method} /a`]]);
  });

  test('such a request is served, by whichever balancer', async () => {
    const member = await startBackend('b');
    const definition = { ...sender, members: [member.url] };
    const first = createBalancer({ ...silent, ...definition, exclude: () => true });
    const front = await startFront(definition, { before: (app) => app.use(first) });
    const client = await RawClient.connect(front.port);

    expect(await client.ask(['GET /a HTTP/1.1', ...upgrade])).toMatchObject({ status: 200, body: 'b' });
    expect(await client.readRest()).toBe('');
    await first.close();
  });

  test('the next request is served, where upgrades are attached', async () => {
    const member = await startBackend('b');
    const front = await startUpgradeFront({ ...sender, members: [member.url] });
    const client = await RawClient.connect(front.port);

    client.send(['POST /a HTTP/1.1', ...upgrade, 'Content-Length: 5'], `hello${HIDDEN}`);
    expect((await client.readAnswer()).status).toBe(200);
    expect((await client.readAnswer()).status).toBe(200);
    expect(member.begun).toEqual(['POST /a', 'GET /hidden']);
  });

  // An older Node drops lines beyond `maxHeadersCount`: that of the length among them.
  test('a body is no request where lines of the head may be missing', async () => {
    const member = await startBackend('b');
    const { server, port } = await startUpgradeFront({ ...sender, members: [member.url] });
    server.prependListener('upgrade', (req) => {
      delete req.headers['content-length'];
      req.rawHeaders.length = 8;
      server.maxHeadersCount = 4;
    });
    const client = await RawClient.connect(port);

    client.send(['POST /a HTTP/1.1', ...upgrade, `Content-Length: ${HIDDEN.length}`], HIDDEN);
    expect(await client.readRest()).toBe('');
    expect(member.begun).toEqual([]);
  });
});
