import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { afterEach, describe, expect, test } from '@jest/globals';
import { ask } from '../support/ask.ts';
import { startRawBackend } from '../support/backend.ts';
import { senders, startFront, type Front } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';

afterEach(tidyUp);

// RFC 9112 8: to a client of HTTP/1.0 the end of the connection says that an answer is whole.
describe.each(senders)('%s: half an answer of unknown length, for a client of HTTP/1.0', (_name, sender) => {
  /** Its first member breaks off in its second chunk, or in the first line of it. */
  async function startBroken(): Promise<Front> {
    const member = await startRawBackend((socket, asked) => {
      const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
      if (asked.startsWith('GET /whole ')) socket.write(`${head}4\r\nhalf\r\n0\r\n\r\n`);
      else socket.write(`${head}4\r\nhalf\r\n`, () => setImmediate(() => socket.end('4\r\nx')));
    });
    return startFront({ ...sender, members: [member.url], logger: false });
  }

  // A stand-in for a connection may tell of an address, and yet be nothing that can be reset.
  test.each<[string, object]>([
    ['with an address', { remoteAddress: '192.0.2.1', remotePort: 1234 }],
    ['that refuses to be reset', { remotePort: 1234, resetAndDestroy: refuse }],
  ])('ends a connection within the process %s, and nothing else', async (_how, facts) => {
    const front = await startBroken();
    const [here, there] = duplexPair();
    front.server.emit('connection', Object.assign(there, facts));
    let text = '';
    here.setEncoding('latin1').on('data', (piece: string) => (text += piece));
    here.write('GET / HTTP/1.0\r\nHost: front\r\n\r\n');
    await once(there, 'close');
    expect(text).toContain('half');
    expect(front.balancer.view().map(({ busy }) => busy)).toEqual([0]);
    here.destroy();
    expect(await ask(front.port, { path: '/whole' })).toMatchObject({ status: 200, text: 'half' });
  });
});

function refuse(): never {
  throw new TypeError('This handle type cannot be sent');
}
