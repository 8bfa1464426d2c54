import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Agent } from 'node:http';
import { ask } from '../../support/ask.ts';
import { senders } from '../../support/front.ts';
import { startToldFront } from '../../support/stories.ts';
import { noteWhatIsThere, nothingIsLeft } from '../support/leftovers.ts';

/**
 * A member in a thread of its own. It resets each connection behind its first answer, when it is told to: until then, and while
 * the balancer's own loop stands still, nobody on the other side can have heard of it.
 */
const script = `
const net = require('node:net');
const { parentPort, workerData } = require('node:worker_threads');
const { shared } = workerData;
const requests = [];
const server = net.createServer((socket) => {
  socket.on('error', () => undefined);
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
    if (!text.includes('\\r\\n\\r\\n')) return;
    requests.push(text.split(' ', 2).join(' '));
    text = '';
    socket.write('HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok');
  });
  server.last ??= socket;
});
parentPort.on('message', (what) => {
  if (what === 'tell') parentPort.postMessage(requests);
  else server.last.once('close', () => {
    Atomics.store(shared, 0, 1);
    Atomics.notify(shared, 0);
  }).resetAndDestroy();
});
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

let worker: Worker | undefined;

beforeEach(noteWhatIsThere);
afterEach(async () => {
  await worker?.terminate();
  await nothingIsLeft();
});

describe.each(senders)('over %s', (_name, sender) => {
  test('a POST that is written to a connection which was reset unnoticed goes to a fresh one, and is executed once', async () => {
    const shared = new Int32Array(new SharedArrayBuffer(4));
    const member = new Worker(script, { eval: true, workerData: { shared } });
    worker = member;
    const [port] = (await once(member, 'message')) as [number];
    let isRaced = false;
    const front = await startToldFront(
      { ...sender, members: [{ url: `http://127.0.0.1:${port}`, route: 'a' }] },
      {
        before: (app) =>
          app.use((req, _res, next) => {
            if (req.method === 'POST') {
              // The loop stands still until the reset has come.
              member.postMessage('reset');
              isRaced = Atomics.wait(shared, 0, 0, 10_000) !== 'timed-out';
            }
            next();
          }),
      },
    );
    const agent = new Agent({ keepAlive: true });
    await ask(front.port, { path: '/first', agent });
    const posted = await ask(front.port, { method: 'POST', path: '/second', agent });
    agent.destroy();
    member.postMessage('tell');
    const [requests] = (await once(member, 'message')) as [string[]];
    expect(isRaced).toBe(true);
    expect(front.stories()).toEqual(['a answered 200', 'a reset ECONNRESET, a again answered 200']);
    expect(posted.status).toBe(200);
    expect(requests).toEqual(['GET /first', 'POST /second']);
  });
});
