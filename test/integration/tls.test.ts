import { once } from 'node:events';
import { createServer, type ServerOptions } from 'node:https';
import { TLSSocket } from 'node:tls';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { ask } from '../support/ask.ts';
import { listen, startBackend, startRawBackend, type Backend } from '../support/backend.ts';
import { makeCertificates, type Certificates } from '../support/certificates.ts';
import { senders } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { startToldFront } from '../support/stories.ts';
import {
  becomesLonely,
  closeWebSockets,
  openWebSocket,
  say,
  startChat,
  startUpgradeFront,
} from '../support/websocket.ts';

let certificates: Certificates;

beforeAll(async () => {
  certificates = await makeCertificates();
});

afterEach(async () => {
  closeWebSockets();
  await tidyUp();
});

/** A backend behind TLS that tells whom it was asked as, by whom, and with what. */
async function startTls(options: ServerOptions = {}): Promise<Backend> {
  let connections = 0;
  const server = createServer({ ...certificates.server, ca: certificates.ca, ...options }, (req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const { socket } = req;
      if (!(socket instanceof TLSSocket)) throw new Error('no TLS');
      // An empty object where there is none.
      const { subject } = socket.getPeerCertificate() as { subject?: { CN: string } };
      res.setHeader('Content-Type', 'application/json');
      res.end(
        JSON.stringify({
          servername: 'servername' in socket && socket.servername,
          client: subject?.CN,
          body: Buffer.concat(chunks).toString(),
          proto: req.headers['x-forwarded-proto'],
        }),
      );
    });
  });
  server.on('connection', () => (connections += 1));
  return listen(server, [], () => connections, { scheme: 'https' });
}

describe.each(senders)('TLS to a member, over %s', (_name, sender) => {
  test('trusts its ca, and reuses the connection', async () => {
    const backend = await startTls();
    const front = await startToldFront({
      ...sender,
      members: [{ url: backend.url, tls: { ca: certificates.ca } }],
    });

    for (let i = 0; i < 3; i += 1) {
      const answer = await ask(front.port);
      // How the member is reached is not how the client came.
      expect([answer.status, JSON.parse(answer.text)]).toMatchObject([
        200,
        { servername: false, proto: 'http' },
      ]);
    }
    expect(backend.connections()).toBe(1);
  });

  test('asks for the host of the member’s URL, or for servername', async () => {
    const backend = await startTls();
    const { ca } = certificates;
    const byHost = await startToldFront({
      ...sender,
      members: [`https://localhost:${backend.port}`],
      memberDefaults: { tls: { ca } },
    });
    const byName = await startToldFront({
      ...sender,
      members: [{ url: backend.url, tls: { ca, servername: 'app.internal' } }],
    });

    expect(JSON.parse((await ask(byHost.port)).text)).toMatchObject({ servername: 'localhost' });
    expect(JSON.parse((await ask(byName.port)).text)).toMatchObject({ servername: 'app.internal' });
  });

  test('shows its certificate to a member that wants one', async () => {
    const backend = await startTls({ requestCert: true, rejectUnauthorized: true });
    const { ca, client } = certificates;
    const front = await startToldFront({
      ...sender,
      members: [{ url: backend.url, tls: { ca, ...client } }],
    });

    expect(JSON.parse((await ask(front.port)).text)).toMatchObject({ client: 'balancer' });
  });

  test.each([
    ['nobody vouches for', () => ({}), /UNABLE_TO_VERIFY|SELF_SIGNED/],
    ['another authority vouches for', () => ({ ca: certificates.otherCa }), /UNABLE_TO_VERIFY|SELF_SIGNED/],
    [
      'is of another name',
      () => ({ ca: certificates.ca, servername: 'other.internal' }),
      /ERR_TLS_CERT_ALTNAME_INVALID/,
    ],
  ])('does not connect to a member whose certificate %s', async (_whose, tls, code) => {
    const backend = await startTls();
    const front = await startToldFront({ ...sender, members: [{ url: backend.url, tls: tls() }] });

    expect(await ask(front.port)).toMatchObject({ status: 503, code: 'ERR_BALANCER_CONNECT' });
    expect(front.stories()[0]).toMatch(code);
    expect(front.member(backend.url)).toMatchObject({ inError: true, busy: 0 });
  });

  test('goes on, body and all, from a member it does not trust to one it does', async () => {
    const [bad, good] = [await startTls(), await startTls()];
    const { ca, otherCa } = certificates;
    const front = await startToldFront({
      ...sender,
      members: [
        { url: bad.url, tls: { ca: otherCa } },
        { url: good.url, tls: { ca } },
      ],
    });

    const answer = await ask(front.port, { method: 'POST', body: Buffer.from('once'), chunked: true });

    expect(JSON.parse(answer.text)).toMatchObject({ body: 'once' });
    expect(front.stories()[0]).toMatch(new RegExp(`^${bad.url} connect \\w+, ${good.url} answered 200$`));
    expect(front.member(bad.url).inError).toBe(true);
  });

  test('takes any certificate, with rejectUnauthorized: false', async () => {
    const backend = await startTls();
    const front = await startToldFront({
      ...sender,
      members: [{ url: backend.url, tls: { rejectUnauthorized: false, servername: 'other.internal' } }],
    });

    expect(JSON.parse((await ask(front.port)).text)).toMatchObject({ servername: 'other.internal' });
  });

  test.each([
    // TLS 1.2: the handshake fails, nothing was sent. TLS 1.3: the member says so after it, when the request is on its way.
    ['TLSv1.2', 'POST', 503, /connect /],
    ['TLSv1.3', 'POST', 502, /reset /],
  ] as const)('is refused without a certificate, in %s', async (maxVersion, method, status, story) => {
    const backend = await startTls({ requestCert: true, rejectUnauthorized: true, maxVersion });
    const front = await startToldFront({
      ...sender,
      members: [{ url: backend.url, tls: { ca: certificates.ca } }],
    });

    expect((await ask(front.port, { method, body: Buffer.from('x') })).status).toBe(status);
    expect(front.stories()[0]).toMatch(story);
  });

  test('gives up a handshake that takes longer than connectiontimeout', async () => {
    const silent = await startRawBackend(() => undefined);
    const good = await startTls();
    const front = await startToldFront({
      ...sender,
      members: [{ url: silent.url.replace('http:', 'https:'), connectiontimeout: '300ms' }, good.url],
      memberDefaults: { tls: { ca: certificates.ca } },
    });

    expect((await ask(front.port, { method: 'POST', body: Buffer.from('x') })).status).toBe(200);
    expect(front.stories()[0]).toMatch(/ connect-timeout.*answered 200$/);
  });

  test('does not connect to a member that knows no TLS', async () => {
    const [plain, good] = [await startBackend('plain'), await startTls()];
    const front = await startToldFront({
      ...sender,
      members: [plain.url.replace('http:', 'https:'), good.url],
      memberDefaults: { tls: { ca: certificates.ca } },
    });

    expect((await ask(front.port, { method: 'POST', body: Buffer.from('x') })).status).toBe(200);
    expect(front.stories()[0]).toMatch(/ connect .*answered 200$/);
    expect(plain.received).toEqual([]);
  });

  test('carries a WebSocket', async () => {
    const { ca, otherCa, server, client } = certificates;
    const secured = { ...server, ca, requestCert: true, rejectUnauthorized: true };
    const [bad, chat] = await Promise.all(
      ['bad', 'good'].map((name) => startChat(name, {}, { scheme: 'https' }, createServer(secured))),
    );
    const front = await startUpgradeFront({
      ...sender,
      members: [
        { url: bad!.url, tls: { ca: otherCa, ...client } },
        { url: chat!.url, tls: { ca, ...client } },
      ],
    });

    const { socket, head } = await openWebSocket(front.port);

    expect(head.headers['x-backend']).toBe('good');
    const message = 'x'.repeat(1_000_000);
    expect(await say(socket, message)).toBe(message);
    socket.close(4001);
    expect((await once(chat!.sockets[0]!, 'close'))[0]).toBe(4001);
    await becomesLonely(front.server);
  });
});
