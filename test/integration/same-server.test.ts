import { createServer } from 'node:https';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { ask, askStatuses } from '../support/ask.ts';
import { deadUrl, listen, startBackend, type Backend } from '../support/backend.ts';
import { makeCertificates, type Certificates } from '../support/certificates.ts';
import { senders, silent } from '../support/front.ts';
import { startGate } from '../support/gate.ts';
import { settles, tidyUp } from '../support/idle.ts';
import { startToldFront } from '../support/stories.ts';
import { stopTime } from '../support/time.ts';

let certificates: Certificates;

beforeAll(async () => {
  certificates = await makeCertificates();
});

afterEach(tidyUp);

async function startTls(): Promise<Backend> {
  let connections = 0;
  const server = createServer(certificates.server, (_req, res) => res.end('secure'));
  server.on('connection', () => (connections += 1));
  return listen(server, [], () => connections, { scheme: 'https' });
}

describe.each(senders)('the same server again, over %s', (_name, sender) => {
  test('is not sent to over connections of a member that trusted more', async () => {
    const backend = await startTls();
    const front = await startToldFront({
      ...sender,
      members: [
        { url: backend.url, route: 'a', tls: { rejectUnauthorized: false } },
        { url: await deadUrl(), status: 'D' },
      ],
    });
    expect(await askStatuses(front.port, 2)).toEqual([200, 200]);

    const removed = front.balancer.remove('a');
    front.balancer.add({ url: backend.url, route: 'a', tls: { ca: certificates.otherCa } });

    expect(await ask(front.port)).toMatchObject({ status: 503, code: 'ERR_BALANCER_CONNECT' });
    await removed;
    expect(await ask(front.port)).toMatchObject({ status: 503, code: 'ERR_BALANCER_CONNECT' });
  });

  test('is sent to over connections as the new member wants them', async () => {
    const backend = await startBackend();
    const front = await startToldFront({
      ...sender,
      members: [
        { url: backend.url, route: 'a' },
        { url: await deadUrl(), status: 'D' },
      ],
    });
    expect(await askStatuses(front.port, 2)).toEqual([200, 200]);
    expect(backend.connections()).toBe(1);

    const removed = front.balancer.remove('a');
    front.balancer.add({ url: backend.url, route: 'a', disablereuse: true });
    await removed;

    expect(await askStatuses(front.port, 3)).toEqual([200, 200, 200]);
    expect(backend.connections()).toBe(4);
  });

  test('is given up in a handshake after the timeout that was changed to', async () => {
    const time = stopTime();
    const gate = await startGate();
    gate.open();
    const front = await startToldFront({
      ...sender,
      members: [
        { url: gate.url, route: 'a', tls: { ca: gate.ca }, disablereuse: true, timeout: '3s', retry: 0 },
      ],
    });
    expect((await ask(front.port)).status).toBe(200);
    gate.shut();

    front.balancer.change('a', { timeout: '200ms' });

    const asked = ask(front.port);
    await gate.untilWaiting(1);
    time.pass(199);
    await settles(() => front.errors.length);
    expect(front.errors).toEqual([]);
    time.pass(1);
    expect(await asked).toMatchObject({ status: 504, code: 'ERR_BALANCER_CONNECT_TIMEOUT' });
    expect(front.stories()[1]).toMatch(/^a connect-timeout/);
  });

  test('keeps its flags and counters when its URL is written otherwise', async () => {
    const [a, b] = [await startBackend('a'), await startBackend('b')];
    const members = (path: string): string[] => [`${a.url}${path}`, b.url];
    const front = await startToldFront({ ...sender, members: members('/app') });
    expect(await askStatuses(front.port, 4)).toEqual([200, 200, 200, 200]);
    front.balancer.change(`${a.url}/app`, '+D');
    const before = front.balancer.view()[0]!;
    expect(before).toMatchObject({ elected: 2, status: 'D' });

    front.balancer.update({ ...silent, ...sender, members: members('/app/') });

    expect(front.balancer.view()).toHaveLength(2);
    const { elected, status, sent, received } = front.balancer.view()[0]!;
    expect({ elected, status, sent, received }).toEqual({
      elected: before.elected,
      status: before.status,
      sent: before.sent,
      received: before.received,
    });
    expect((await ask(front.port)).text).toBe('b');
    expect((await ask(front.port)).text).toBe('b');
  });
});
