import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { files } from '../files.ts';
import { listenAtAll } from './listening.ts';

/* What nginx does as a member, for machines without it; and uploads of any length. */

const sizes = new Map(files.map(([name, bytes]) => [`/${name}`, bytes]));
const zeros = Buffer.alloc(256 * 1_024);
const small = Buffer.from('ok');

await listenAtAll(() => {
  const server = createServer(answer);
  // Idle connections are the proxies' to close.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  return server;
});

function answer(req: IncomingMessage, res: ServerResponse): void {
  const size = sizes.get(req.url!);
  if (size !== undefined) {
    send(res, size);
  } else if (req.method === 'GET') {
    sendSmall(res);
  } else {
    req.resume();
    req.once('end', () => {
      sendSmall(res);
    });
  }
}

function sendSmall(res: ServerResponse): void {
  res.writeHead(200, ['Content-Type', 'text/plain', 'Content-Length', '2']);
  res.end(small);
}

function send(res: ServerResponse, size: number): void {
  res.writeHead(200, ['Content-Type', 'text/plain', 'Content-Length', `${size}`]);
  let left = size;
  const pour = (): void => {
    while (left > 0) {
      const chunk = left < zeros.length ? zeros.subarray(0, left) : zeros;
      left -= chunk.length;
      if (!res.write(chunk)) {
        if (left > 0) res.once('drain', pour);
        break;
      }
    }
    if (left === 0) res.end();
  };
  pour();
}
