import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { ask } from '../../support/ask.ts';
import { startBackend, startRawBackend } from '../../support/backend.ts';
import { senders } from '../../support/front.ts';
import { isIdle, until } from '../../support/idle.ts';
import { startUpgradeFront } from '../../support/websocket.ts';
import { noteWhatIsThere, nothingIsLeft } from '../support/leftovers.ts';
import { startLink, stopLinks } from '../support/link.ts';
import {
  askMeanwhile,
  countDescriptors,
  drip,
  openMany,
  readAll,
  startStrictServer,
  stopFloods,
} from '../support/floods.ts';

beforeEach(noteWhatIsThere);
afterEach(async () => {
  await stopFloods();
  await stopLinks();
  await nothingIsLeft();
});

const many = 300;

/** A machine with two cores that has just paused for a second is still well below. */
const mostMs = 3_000;

/** How long a client may take: no other client takes so long, even where the machine pauses for a second. */
const limitMs = 2_500;

const whole = 'GET / HTTP/1.1\r\nHost: a.test\r\n\r\n';
const upload = 'POST /upload HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1000\r\n\r\n';

describe.each(senders)('slow clients, by %s', (_name, sender) => {
  test('heads that come a letter at a time reach no member, and end with 408 at headersTimeout', async () => {
    const backend = await startBackend();
    const front = await startUpgradeFront({ ...sender, members: [backend.url] });
    const server = await startStrictServer(front, { headersTimeout: limitMs, requestTimeout: 2 * limitMs });
    const clients = await openMany(many, server.port, `${whole.slice(0, -2)}X-Slow: `);
    const answers = Promise.all(clients.map(readAll));
    const dripping = Promise.all(clients.map(drip));
    expect(await askMeanwhile(server.port, 20)).toBeLessThan(mostMs);
    for (const answer of await answers) expect(answer).toMatch(/^HTTP\/1\.1 408 |^$/);
    for (const client of clients) client.destroy();
    await dripping;
    expect(backend.begun).toEqual(Array(20).fill('GET /quick'));
  });

  test('bodies that come a letter at a time hold one place each, and none after requestTimeout', async () => {
    const backend = await startBackend();
    const front = await startUpgradeFront({ ...sender, members: [backend.url] });
    const server = await startStrictServer(front, { headersTimeout: limitMs, requestTimeout: limitMs });
    const clients = await openMany(many, server.port, `${upload}x`);
    const answers = Promise.all(clients.map(readAll));
    await until(() => front.balancer.view()[0]!.busy === many);
    const dripping = Promise.all(clients.map(drip));
    expect(await askMeanwhile(server.port, 20)).toBeLessThan(mostMs);
    for (const answer of await answers) expect(answer).toMatch(/^HTTP\/1\.1 408 |^$/);
    for (const client of clients) client.destroy();
    await dripping;
    await until(() => isIdle(front));
    // None was executed as a whole, nor as if it were whole.
    expect(backend.received.map(({ method }) => method)).toEqual(Array(20).fill('GET'));
    expect((await ask(server.port)).status).toBe(200);
  });

  test.each([
    ['has left, as Node has it: nothing is kept for it', false],
    ['gets its answer, where the server says httpAllowHalfOpen', true],
  ])('a client that ends its side behind its request %s', async (_what, isAllowed) => {
    const gate = Promise.withResolvers<undefined>();
    const backend = await startBackend('backend', (_req, res) => {
      void gate.promise.then(() => res.end('backend'));
    });
    const front = await startUpgradeFront({ ...sender, members: [backend.url] });
    Object.assign(front.server, { httpAllowHalfOpen: isAllowed });
    const post = 'POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 2\r\n\r\nhi';
    const clients = await openMany(many, front.port, post);
    const answers = Promise.all(clients.map(readAll));
    await until(() => backend.received.length === many);
    for (const client of clients) client.end();
    if (!isAllowed) await until(() => isIdle(front));
    gate.resolve(undefined);
    const expected = isAllowed ? /^HTTP\/1\.1 200 [^]*backend/ : /^$/;
    for (const answer of await answers) expect(answer).toMatch(expected);
  });

  test('a client that ends its side in the middle of a body has left: no member takes half for all', async () => {
    const backend = await startBackend();
    const front = await startUpgradeFront({ ...sender, members: [backend.url] });
    const clients = await openMany(many, front.port, `${upload}half`);
    await until(() => backend.begun.length === many);
    for (const client of clients) client.end();
    await until(() => isIdle(front));
    expect(backend.received).toEqual([]);
  });

  test('clients that vanish without a word hold their places no longer than the timeout of the server', async () => {
    const body = Buffer.alloc(8 * 2 ** 20);
    const backend = await startBackend('long', (req, res) => res.end(req.url === '/quick' ? 'ok' : body));
    const front = await startUpgradeFront({ ...sender, members: [backend.url] });
    const server = await startStrictServer(front, {});
    server.timeout = limitMs;
    const link = await startLink(server.port);
    const [reading, uploading] = [
      await openMany(20, link.port, whole),
      await openMany(20, link.port, `${upload}x`),
    ];
    await Promise.all(reading.map((client) => once(client, 'readable')));
    await until(() => backend.begun.length === 40);
    link.set({ isCut: true });
    expect(front.balancer.view()[0]!.busy).toBeGreaterThan(0);
    expect(await askMeanwhile(server.port, 20)).toBeLessThan(mostMs);
    await until(() => isIdle(front));
    expect(uploading.every((client) => !client.destroyed)).toBe(true);
  });
});

/** Where in its request a client is when it leaves. */
const stages = {
  'before its first letter': '',
  'in its head': whole.slice(0, 20),
  'behind its head': upload,
  'in its body': `${upload}xxx`,
  'in a chunk': 'PUT /upload HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nxxx',
  'while a member is silent': 'GET /silent HTTP/1.1\r\nHost: a.test\r\n\r\n',
  'in the head of its answer': 'GET /head HTTP/1.1\r\nHost: a.test\r\n\r\n',
  'in the body of its answer': 'GET /body HTTP/1.1\r\nHost: a.test\r\n\r\n',
  'behind three at once': `${whole}${whole}${whole}`,
} as const;

const ways = ['end', 'destroy', 'resetAndDestroy'] as const;

describe.each(senders)('two thousand clients leave, by %s', (_name, sender) => {
  test('at every stage and in every way: nothing of them is left', async () => {
    const backend = await startRawBackend((socket, head) => {
      if (head.startsWith('GET / ') || head.startsWith('GET /quick '))
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      if (head.startsWith('GET /head ')) socket.write('HTTP/1.1 200 OK\r\nX-Ha');
      if (head.startsWith('GET /body ')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\nsome');
    });
    const front = await startUpgradeFront({ ...sender, members: [backend.url] });
    await ask(front.port);
    const before = countDescriptors();
    const texts = Object.values(stages);
    for (let round = 0; round < 7; round += 1) {
      const clients = await openMany(300, front.port, (i) => texts[i % texts.length]!);
      expect(await askMeanwhile(front.port, 3)).toBeLessThan(mostMs);
      for (const [i, client] of clients.entries()) client[ways[Math.floor(i / texts.length) % 3]!]();
      await until(() => isIdle(front));
      for (const client of clients) client.destroy();
    }
    // What is kept open to the member is bounded, and not of theirs.
    await until(() => countDescriptors() <= before + 2 * 300 * (3 / texts.length) + 10);
  });
});
