import { afterEach, describe, expect, test } from '@jest/globals';
import type { BalancerDefinition } from '../../src/index.ts';
import { ask } from '../support/ask.ts';
import { startBackend } from '../support/backend.ts';
import { senders } from '../support/front.ts';
import { startGate, type Gate } from '../support/gate.ts';
import { isIdle, tidyUp, until } from '../support/idle.ts';
import { RawClient } from '../support/raw-client.ts';
import type { ToldFront } from '../support/stories.ts';
import { stopTime } from '../support/time.ts';
import { askToSwitch, closeWebSockets, startUpgradeFront } from '../support/websocket.ts';

afterEach(async () => {
  closeWebSockets();
  await tidyUp();
});

/** What a client asks for; none of it reaches a member that has not shaken hands. */
const requests = {
  'a GET': (client) => client.send(['GET / HTTP/1.1', 'Host: a']),
  'an upload': (client) => client.send(['PUT / HTTP/1.1', 'Host: a', 'Content-Length: 100'], 'half'),
  'an upgrade': (client) => client.send(askToSwitch()),
} as const satisfies Readonly<Record<string, (client: RawClient) => unknown>>;

const kinds = Object.keys(requests) as (keyof typeof requests)[];

describe.each(senders)('over %s, a connection to a member that is still being opened', (_name, sender) => {
  /** A front that would wait for the handshake longer than any test. */
  function startFrontOf(gate: Gate, definition: Partial<BalancerDefinition> = {}): Promise<ToldFront> {
    return startUpgradeFront({
      ...sender,
      ...definition,
      members: [{ url: gate.url, route: 'a', connectiontimeout: '10m', tls: { ca: gate.ca } }],
    });
  }

  async function begin(front: ToldFront, gate: Gate, kind: keyof typeof requests): Promise<RawClient> {
    const client = await RawClient.connect(front.port);
    const before = gate.waiting();
    requests[kind](client);
    await gate.untilWaiting(before + 1);
    return client;
  }

  test.each(kinds)('ends when the client of %s leaves', async (kind) => {
    const gate = await startGate();
    const front = await startFrontOf(gate);
    const client = await begin(front, gate, kind);

    client.socket.destroy();

    await gate.untilWaiting(0);
    await until(() => isIdle(front));
    expect(front.stories()).toEqual(['a client-gone']);
    expect(front.member('a')).toMatchObject({ inError: false, elected: 1 });
    expect(front.errors).toEqual([]);
  });

  test.each(kinds)('ends when the deadline of %s is over', async (kind) => {
    const time = stopTime();
    const gate = await startGate();
    const front = await startFrontOf(gate, { deadline: '100ms' });
    const client = await begin(front, gate, kind);

    time.pass(100);
    expect((await client.readHead()).status).toBe(504);

    await gate.untilWaiting(0);
    expect(front.stories()).toEqual(['a deadline']);
    expect(front.member('a')).toMatchObject({ inError: false, busy: 0 });
  });

  test.each(kinds)('ends when the balancer is closed in the middle of %s', async (kind) => {
    const gate = await startGate();
    const front = await startFrontOf(gate);
    const client = await begin(front, gate, kind);

    await front.balancer.close();

    expect((await client.readHead()).status).toBe(503);
    await gate.untilWaiting(0);
    expect(front.errors.map(({ code }) => code)).toEqual(['ERR_BALANCER_CLOSED']);
    expect(front.member('a').busy).toBe(0);
  });

  test('ends when it is the second one of a request whose first had become old', async () => {
    const gate = await startGate((req, res) => {
      if (req.url === '/') res.end('ok');
      else res.destroy();
    });
    const front = await startFrontOf(gate);
    gate.open();
    expect((await ask(front.port)).status).toBe(200);
    gate.shut();
    const client = await RawClient.connect(front.port);

    client.send(['GET /again HTTP/1.1', 'Host: a']);
    await gate.untilWaiting(1);
    client.socket.destroy();

    await gate.untilWaiting(0);
    await until(() => isIdle(front));
    expect(front.stories()[1]).toMatch(/^a reset \w+, a again client-gone$/);
  });

  test('is not left behind by any of a crowd that comes and goes', async () => {
    const gate = await startGate();
    const front = await startFrontOf(gate);
    const resources = process.getActiveResourcesInfo().length;

    for (let i = 0; i < 50; i += 1) {
      const client = await begin(front, gate, kinds[i % kinds.length]!);
      client.socket.resetAndDestroy();
      await gate.untilWaiting(0);
    }

    await until(() => isIdle(front));
    await until(() => process.getActiveResourcesInfo().length <= resources);
  });

  test('is no other client’s to end', async () => {
    const gate = await startGate();
    const front = await startFrontOf(gate);
    const leaving = await begin(front, gate, 'a GET');
    const staying = await begin(front, gate, 'a GET');

    leaving.socket.destroy();
    await gate.untilWaiting(1);
    gate.open();

    expect(await staying.readAnswer()).toMatchObject({ status: 200, body: 'ok' });
    expect(front.stories()).toEqual(['a client-gone', 'a answered 200']);
  });

  test('that has ended does not keep the next request from its member', async () => {
    const gate = await startGate();
    const other = await startBackend('other');
    const front = await startUpgradeFront({
      ...sender,
      members: [
        { url: gate.url, route: 'a', connectiontimeout: '10m', tls: { ca: gate.ca } },
        { url: other.url, route: 'b', lbset: 1 },
      ],
    });
    const leaving = await begin(front, gate, 'a GET');

    leaving.socket.destroy();
    await until(() => isIdle(front));
    // The very next one may find what is left of the connection.
    const next = ask(front.port);
    gate.open();

    expect(await next).toMatchObject({ status: 200, text: 'ok' });
    expect(front.stories()[1]).toBe('a answered 200');
    expect(other.received).toEqual([]);
  });
});
