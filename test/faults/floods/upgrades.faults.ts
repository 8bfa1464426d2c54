import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ask } from '../../support/ask.ts';
import { senders } from '../../support/front.ts';
import { isIdle, until } from '../../support/idle.ts';
import {
  askToSwitch,
  becomesLonely,
  startChat,
  startUpgradeBackend,
  startUpgradeFront,
  startSwitching,
} from '../../support/websocket.ts';
import { noteWhatIsThere, nothingIsLeft } from '../support/leftovers.ts';
import { askMeanwhile, countDescriptors, openMany, readAll, stopFloods } from '../support/floods.ts';

beforeEach(noteWhatIsThere);
afterEach(async () => {
  await stopFloods();
  await nothingIsLeft();
});

const many = 1_000;
const some = 400;
const mostMs = 4_000;
const handshake = `${askToSwitch().join('\r\n')}\r\n\r\n`;

describe.each(senders)('hundreds of upgrades at once, by %s', (_name, sender) => {
  test('that stay open: others are served, and all is gone when they are', async () => {
    const backend = await startChat();
    const front = await startUpgradeFront({ ...sender, members: [backend.url] });
    await ask(front.port);
    const before = countDescriptors();
    const clients = await openMany(many, front.port, handshake);
    expect(await askMeanwhile(front.port, 10)).toBeLessThan(mostMs);
    await until(() => backend.sockets.length === many);
    expect(front.balancer.view()[0]!.busy).toBe(many);
    expect(await askMeanwhile(front.port, 10)).toBeLessThan(mostMs);
    for (const [i, client] of clients.entries()) client[i % 2 ? 'destroy' : 'resetAndDestroy']();
    await until(() => isIdle(front));
    await until(() => countDescriptors() <= before + 10);
  });

  test('that are closed at once: no member keeps any', async () => {
    const backend = await startSwitching();
    const front = await startUpgradeFront({ ...sender, members: [backend.url] });
    await ask(front.port);
    const before = countDescriptors();
    const clients = await openMany(many, front.port, handshake);
    for (const [i, client] of clients.entries()) client[i % 2 ? 'destroy' : 'end']();
    expect(await askMeanwhile(front.port, 10)).toBeLessThan(mostMs);
    for (const client of clients) client.destroy();
    await until(() => isIdle(front));
    await becomesLonely(front.server);
    await until(() => countDescriptors() <= before + 10);
  });

  test('that a member never answers: end with 504 after its timeout, and those who leave before with nothing', async () => {
    let asked = 0;
    const backend = await startUpgradeBackend(() => (asked += 1));
    const front = await startUpgradeFront({ ...sender, members: [{ url: backend.url, timeout: '2s' }] });
    const clients = await openMany(some, front.port, handshake);
    const answers = clients.map(readAll);
    await until(() => asked > some / 2);
    expect(await askMeanwhile(front.port, 5)).toBeLessThan(mostMs);
    for (const client of clients.slice(0, some / 2)) client.destroy();
    const rest = await Promise.all(answers.slice(some / 2));
    expect(rest.filter((answer) => !answer.startsWith('HTTP/1.1 504 '))).toEqual([]);
    await until(() => isIdle(front));
  });

  test('that the member refuses: each is told so, and its connection ends', async () => {
    const backend = await startUpgradeBackend((socket) => {
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno');
    });
    const front = await startUpgradeFront({ ...sender, members: [backend.url] });
    const clients = await openMany(some, front.port, handshake);
    const answers = await Promise.all(clients.map(readAll));
    expect(answers.filter((answer) => !/^HTTP\/1\.1 403 [^]*no$/.test(answer))).toEqual([]);
    for (const client of clients) client.destroy();
    await becomesLonely(front.server);
  });

  test('that are never completed: a half head is no upgrade', async () => {
    const backend = await startChat();
    const front = await startUpgradeFront({ ...sender, members: [backend.url] });
    const clients = await openMany(some, front.port, handshake.slice(0, -2));
    expect(await askMeanwhile(front.port, 10)).toBeLessThan(mostMs);
    expect(backend.handshakes.filter(({ headers }) => headers.upgrade !== undefined)).toEqual([]);
    for (const client of clients) client.destroy();
    await becomesLonely(front.server);
  });
});

test('who sends before it is answered is read no further than a quarter of a mebibyte, and kept no longer than the member’s timeout', async () => {
  const backend = await startUpgradeBackend((socket) => {
    socket.pause();
  });
  const front = await startUpgradeFront({ members: [{ url: backend.url, timeout: '2s' }] });
  const reads: (() => number)[] = [];
  front.server.on('connection', (socket) => reads.push(() => socket.bytesRead));
  const clients = await openMany(50, front.port, handshake + 'x'.repeat(2 ** 20));
  await until(() => backend.handshakes.length === 50);
  expect(await askMeanwhile(front.port, 3)).toBeLessThan(mostMs);
  // What came with the head, what is kept, and what Node has read of its own accord.
  for (const read of reads) expect(read()).toBeLessThan(2 ** 18 + handshake.length + 1);
  for (const client of clients) client.destroy();
  await until(() => isIdle(front));
});
