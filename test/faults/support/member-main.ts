// A member in a process of its own. `node member-main.ts NAME PORT`: tells each request on its standard output before it does
// anything about it, so that one who is killed has told what it had begun.
import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

const [name = 'member', port = '0'] = process.argv.slice(2);

function tell(line: string): void {
  writeSync(1, `${line}\n`);
}

/** `?ms=20`: thinks for so long. `?bytes=70000`: answers with so many, made of the request's id; `&counted`: and says how many. */
const server = createServer((req, res) => {
  const { pathname, searchParams } = new URL(req.url!, 'http://member.test');
  const id = String(req.headers['x-id'] ?? pathname);
  tell(`begun ${req.method!} ${id}`);
  const hash = createHash('sha256');
  req.on('data', (chunk: Buffer) => hash.update(chunk));
  req.on('end', () => {
    const answer = (): void => {
      const body = Buffer.alloc(Number(searchParams.get('bytes') ?? id.length), id || '-');
      tell(`done ${req.method!} ${id}`);
      const length = searchParams.has('counted') ? { 'Content-Length': body.length } : {};
      res.writeHead(200, { 'X-Member': name, 'X-Id': id, 'X-Hash': hash.digest('hex'), ...length });
      res.end(body);
    };
    const ms = Number(searchParams.get('ms') ?? 0);
    if (ms === 0) answer();
    else setTimeout(answer, ms);
  });
});
const sockets = new WebSocketServer({ server });
sockets.on('connection', (socket) => {
  socket.on('error', () => {
    socket.terminate();
  });
  socket.on('message', (data, isBinary) => {
    socket.send(data, { binary: isBinary });
  });
});
// Whoever has started it may be killed without a word.
process.stdin.resume().once('close', () => process.exit());
server.keepAliveTimeout = 60_000;
server.listen(Number(port), '127.0.0.1', () => {
  tell(`listening ${(server.address() as AddressInfo).port}`);
});
