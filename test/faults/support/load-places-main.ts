// Members with so many places each, in a process of their own. `node load-places-main.ts PLAN`, with a channel.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PlacesPlan, PlacesWord } from './load-words.ts';

const { members, places, serviceMs, beyond } = JSON.parse(process.argv[2]!) as PlacesPlan;

let executed: string[] = [];
let refused = 0;
let most = 0;

function createMember(): Server {
  const waiting = new Set<() => void>();
  let busy = 0;

  const serve = (req: IncomingMessage, res: ServerResponse): void => {
    busy += 1;
    most = Math.max(most, busy);
    executed.push(String(req.headers['x-id']));
    // Goes on with it when its client leaves, as most do.
    setTimeout(() => {
      busy -= 1;
      res.end(String(req.headers['x-id']));
      const [next] = waiting;
      if (next) waiting.delete(next);
      next?.();
    }, serviceMs);
  };

  return createServer((req, res) => {
    req.resume();
    if (busy < places) {
      serve(req, res);
    } else if (beyond === 'is refused') {
      refused += 1;
      res.writeHead(503, { 'Retry-After': '7' }).end('busy');
    } else {
      const start = (): void => {
        serve(req, res);
      };
      waiting.add(start);
      res.once('close', () => waiting.delete(start));
    }
  });
}

function tell(word: PlacesWord): void {
  process.send!(word);
}

const ports = await Promise.all(
  Array.from({ length: members }, async () => {
    const server = createMember().listen(0, '127.0.0.1');
    server.keepAliveTimeout = 60_000;
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }),
);
// Whoever has started it may be killed without a word.
process.once('disconnect', () => process.exit());
process.on('message', () => {
  tell({ kind: 'done', executed, refused, most });
  executed = [];
  refused = 0;
  most = 0;
});
tell({ kind: 'listening', ports });
