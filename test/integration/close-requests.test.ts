import { once } from 'node:events';
import { Agent, type ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { ask } from '../support/ask.ts';
import { startBackend, type Backend } from '../support/backend.ts';
import { startChecked } from '../support/checked.ts';
import { startDnsServer } from '../support/dns-server.ts';
import { senders } from '../support/front.ts';
import { startHolding } from '../support/holding.ts';
import { tidyUp, until } from '../support/idle.ts';
import { watchQueue } from '../support/queue.ts';
import { RawClient } from '../support/raw-client.ts';
import { startToldFront } from '../support/stories.ts';
import { valuesOf } from '../../src/rewrite/headers.ts';

afterEach(tidyUp);

/** A backend that begins each answer at once, and keeps it. */
async function startSlow(): Promise<Readonly<{ backend: Backend; begun: ServerResponse[] }>> {
  const begun: ServerResponse[] = [];
  const backend = await startBackend('slow', (_req, res) => {
    res.setHeader('Content-Length', '8');
    res.write('half');
    begun.push(res);
  });
  return { backend, begun };
}

describe.each(senders)('with a grace, over %s,', (_name, sender) => {
  // RFC 9112 9.6.
  test('answers that have not begun are the last on their connections, and say so', async () => {
    const holding = await startHolding();
    const front = await startToldFront({ ...sender, members: [holding.url] });
    const client = await RawClient.connect(front.port);
    client.send(['GET / HTTP/1.1', 'Host: a']);
    await until(() => holding.held() === 1);

    const closed = front.balancer.close({ grace: '1h' });
    holding.answer();
    const { status, headers, body } = await client.readAnswer();

    expect([status, valuesOf(headers, 'connection'), body]).toEqual([200, ['close'], 'backend']);
    expect(await client.readRest()).toBe('');
    await closed;
  });

  test('so are refusals', async () => {
    const holding = await startHolding();
    const front = await startToldFront({ ...sender, members: [holding.url] });
    const answer = ask(front.port);
    await until(() => holding.held() === 1);
    const closed = front.balancer.close({ grace: '1h' });

    const agent = new Agent({ keepAlive: true });
    const refused = await ask(front.port, { agent });
    expect([refused.code, refused.headers.connection]).toEqual(['ERR_BALANCER_CLOSED', 'close']);

    holding.answer();
    expect((await answer).text).toBe('backend');
    await closed;
    agent.destroy();
  });

  test('answers that have begun come to their ends, and the server that listens no more ends with them', async () => {
    const { backend, begun } = await startSlow();
    const front = await startToldFront({ ...sender, members: [backend.url] });
    const agent = new Agent({ keepAlive: true });
    const answers = [ask(front.port, { agent }), ask(front.port, { agent })];
    await until(() => begun.length === 2 && front.stories().every((story) => story.endsWith('200')));

    const ended = once(front.server, 'close');
    front.server.close();
    const closed = front.balancer.close({ grace: '1h' });
    for (const res of begun) res.end('half');

    expect((await Promise.all(answers)).map(({ text, whole }) => [text, whole])).toEqual(
      Array(2).fill(['halfhalf', true]),
    );
    await closed;
    // Their heads had promised to keep the connections.
    front.server.closeIdleConnections();
    await ended;
    agent.destroy();
  });

  test('a request that fails goes to the next member', async () => {
    const [holding, other] = [await startHolding(), await startBackend('other')];
    const front = await startToldFront({
      ...sender,
      members: [
        { url: holding.url, route: 'a' },
        { url: other.url, route: 'b', status: 'H' },
      ],
    });
    const answer = ask(front.port);
    await until(() => holding.held() === 1);

    const closed = front.balancer.close({ grace: '1h' });
    await holding.stop();

    expect((await answer).text).toBe('other');
    await closed;
  });

  test('requests that wait for a place get one', async () => {
    const holding = await startHolding();
    const front = await startToldFront({
      ...sender,
      queueTimeout: '1h',
      members: [{ url: holding.url, route: 'a', max: 1 }],
    });
    const queue = watchQueue(front);
    const answers = [ask(front.port), ask(front.port), ask(front.port)];
    await queue.untilWaiting(2);

    const closed = front.balancer.close({ grace: '1h' });
    holding.open();

    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 200]);
    await closed;
  });

  test('requests that wait for a member get one that a health check finds', async () => {
    const checked = await startChecked('a');
    checked.health = 503;
    const front = await startToldFront({
      ...sender,
      hold: '1h',
      members: [{ url: checked.url, route: 'a', hcmethod: 'GET', hcuri: '/health', hcinterval: '100ms' }],
    });
    await until(() => front.member('a').status === 'C');
    const queue = watchQueue(front);
    const answer = ask(front.port, { method: 'POST' });
    await queue.untilWaiting(1);

    const closed = front.balancer.close({ grace: '1h' });
    checked.health = 200;

    expect((await answer).text).toBe('a');
    await closed;
  });

  test('requests that wait for the first answer of DNS get a member', async () => {
    const dns = await startDnsServer();
    const backend = await startBackend('named');
    dns.set('A', 'app.internal', 'silence');
    const front = await startToldFront({
      ...sender,
      resolver: dns.address,
      members: [{ url: `http://app.internal:${backend.port}`, resolve: 'A' }],
    });
    const queue = watchQueue(front);
    const answer = ask(front.port);
    await queue.untilWaiting(1);

    const closed = front.balancer.close({ grace: '1h' });
    // The question is repeated.
    dns.set('A', 'app.internal', { ttl: 1, records: ['127.0.0.1'] });

    expect((await answer).text).toBe('named');
    await closed;
    await dns.stop();
  });
});
