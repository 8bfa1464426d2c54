import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';

/** An answer, as somebody has read it; one character a byte. */
export type Read = Readonly<{
  status: number;
  headers: readonly string[];
  body: string;
  trailers: readonly string[];
}>;

/** What Node's own client makes of these bytes; undefined where it refuses them, or finds no end. */
export async function askNode(bytes: string, method = 'GET'): Promise<Read | undefined> {
  const socket = new Duplex({
    read: () => undefined,
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  const asked = request({ method, createConnection: () => socket, headers: { Connection: 'close' } });
  const ignore = (): void => undefined;
  socket.on('error', ignore);
  asked.on('error', ignore);
  asked.end();
  const answered = once(asked, 'response') as Promise<[IncomingMessage]>;
  asked.once('upgrade', () => asked.destroy(new Error('switched')));
  setImmediate(() => {
    socket.push(Buffer.from(bytes, 'latin1'));
    socket.push(null);
  });
  try {
    const [answer] = await answered;
    let body = '';
    answer.setEncoding('latin1');
    for await (const chunk of answer as AsyncIterable<string>) body += chunk;
    if (!answer.complete) return undefined;
    return { status: answer.statusCode!, headers: answer.rawHeaders, body, trailers: answer.rawTrailers };
  } catch {
    return undefined;
  } finally {
    asked.destroy();
  }
}
