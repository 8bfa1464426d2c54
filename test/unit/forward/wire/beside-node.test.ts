import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';
import { expect, test } from '@jest/globals';
import { createRandom, type Random } from '../../../support/seeded-random.ts';
import { readAnswer } from './read-answers.ts';

type Told = Readonly<{
  status: number;
  headers: readonly string[];
  body: string;
  trailers: readonly string[];
}>;

/** What Node's own client makes of these bytes; undefined where it refuses them, or finds no end. */
async function askNode(bytes: string): Promise<Told | undefined> {
  const socket = new Duplex({
    read: () => undefined,
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  const asked = request({ createConnection: () => socket, headers: { Connection: 'close' } });
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

function askOurs(bytes: string): Told | undefined {
  const { status, headers, body, trailers, left, refused } = readAnswer([bytes]);
  if (refused !== undefined || left === undefined) return undefined;
  return { status: status!, headers: headers!, body, trailers: trailers! };
}

const seeds = [
  'HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX-A: b c\r\n\r\nbody',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: T\r\n\r\n2\r\nbo\r\n2;x=1\r\ndy\r\n0\r\nT: 1\r\n\r\n',
  'HTTP/1.0 404 Not Found\r\nConnection: close\r\n\r\nbody',
  'HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n',
  'HTTP/1.1 200 OK\r\nConnection: keep-alive, x\r\nContent-Length: 0\r\n\r\n',
];

const scraps = [
  '\r',
  '\n',
  '\r\n',
  '\0',
  ' ',
  '\t',
  ':',
  ';',
  ',',
  '0',
  '1',
  '9',
  'f',
  '\x7f',
  '\xe9',
  'Content-Length: 1\r\n',
  'Transfer-Encoding: chunked\r\n',
  'chunked',
  'HTTP/1.1 ',
  '\r\n ',
];

function mutate(sample: string, random: Random): string {
  let text = sample;
  for (let i = random.below(3); i >= 0; i -= 1) {
    const at = random.below(text.length);
    const gone = random.happens(60) ? random.below(3) : 0;
    text = text.slice(0, at) + (random.happens(80) ? random.oneOf(scraps) : '') + text.slice(at + gone);
  }
  return text;
}

/** Where Node refuses and we do not; each is harmless, since no more than what is told goes on. */
function isKnown(bytes: string): boolean {
  return (
    // What stands in an extension of a chunk is skipped, not parsed.
    /\r\n[\da-f]+;/i.test(bytes)
  );
}

test('what Node’s client refuses is refused, and what both read is the same', async () => {
  const random = createRandom(11);
  let both = 0;
  let refused = 0;
  for (let i = 0; i < 1_500; i += 1) {
    const bytes = mutate(random.oneOf(seeds), random);
    const ours = askOurs(bytes);
    const node = await askNode(bytes);
    if (ours === undefined) {
      refused += 1;
      continue;
    }
    if (node === undefined && isKnown(bytes)) continue;
    expect({ bytes, told: ours }).toEqual({ bytes, told: node });
    both += 1;
  }
  expect(both).toBeGreaterThan(300);
  expect(refused).toBeGreaterThan(300);
});
