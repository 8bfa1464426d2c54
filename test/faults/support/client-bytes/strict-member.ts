import { createServer } from 'node:net';
import { listen, type Backend } from '../../../support/backend.ts';
import { NotStrict, readStrictly, valuesIn, type StrictRequest } from './strict-reader.ts';

/** A member that reads by the letter, and says what is not so. */
export type StrictMember = Readonly<{
  url: string;
  /** Whole requests, in the order of their last bytes. */
  requests: StrictRequest[];
  /** What was no request, and what was too much. */
  faults: string[];
  backend: Backend;
}>;

/** What a request may say of its connection. */
const connections = new Set(['', 'close', 'keep-alive', 'Upgrade']);
const endsBefore = ['keep-alive', 'proxy-connection', 'te', 'expect', 'proxy-authorization'];

/** Starts a member that answers each request with its number, which `numberField` tells. */
export async function startStrictMember(numberField: string): Promise<StrictMember> {
  const requests: StrictRequest[] = [];
  const faults: string[] = [];
  let count = 0;
  const server = createServer((socket) => {
    count += 1;
    let bytes = '';
    let isLast = false;
    let before = '';
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      bytes += chunk.toString('latin1');
      try {
        if (isLast) throw new NotStrict(`bytes behind ${before}, which was the last`);
        const read = readStrictly(bytes);
        if (!read) return;
        if (read.rest !== '') throw new NotStrict('bytes behind a request that is not answered');
        bytes = '';
        judge(read.request, authority);
        requests.push(read.request);
        before = JSON.stringify(read.request);
        isLast = /close|upgrade/i.test(valuesIn(read.request, 'connection').join());
        socket.write(answer(read.request, numberField), 'latin1');
        if (isLast) socket.end();
      } catch (error) {
        if (!(error instanceof NotStrict)) throw error;
        faults.push(`${error.message}: ${JSON.stringify(bytes.slice(0, 2_000))}`);
        socket.destroy();
      }
    });
  });
  const backend = await listen(server, [], () => count);
  const authority = `127.0.0.1:${backend.port}`;
  return { url: backend.url, requests, faults, backend };
}

function judge(request: StrictRequest, authority: string): void {
  const hosts = valuesIn(request, 'host');
  if (hosts.length !== 1 || hosts[0] !== authority) throw new NotStrict(`for ${hosts.join(' and ')}`);
  const [connection = '', ...others] = valuesIn(request, 'connection');
  if (others.length > 0 || !connections.has(connection)) throw new NotStrict(`Connection: ${connection}`);
  if (valuesIn(request, 'upgrade').length > 0 && connection !== 'Upgrade')
    throw new NotStrict('Upgrade by itself');
  for (const name of endsBefore)
    if (valuesIn(request, name).length > 0) throw new NotStrict(`${name} has gone on`);
}

function answer(request: StrictRequest, numberField: string): string {
  const body = `member ${valuesIn(request, numberField).join()}`;
  const head = `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`;
  return request.method === 'HEAD' ? head : head + body;
}
