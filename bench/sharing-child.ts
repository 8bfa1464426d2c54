import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import express from 'express';
import { createBalancer } from '../src/index.ts';
import { redisState, type RedisStateOptions } from '../src/redis/index.ts';

/* A process of the benchmark: the backend, or a proxy before it. Tells its port, and its CPU time when it is asked. */

/** What a process is to be: JSON. */
export type ChildOrders = Readonly<
  | { kind: 'backend' }
  | {
      kind: 'proxy';
      /** Of the backend. */
      url: string;
      state: RedisStateOptions | undefined;
    }
>;

export type FromChild = Readonly<{ kind: 'ready'; port: number } | { kind: 'cpu'; us: number }>;

const orders = JSON.parse(process.argv[2]!) as ChildOrders;
const server = orders.kind === 'backend' ? buildBackend() : buildProxy(orders.url, orders.state);

server.listen(0, '127.0.0.1', () => {
  say({ kind: 'ready', port: (server.address() as AddressInfo).port });
});
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  say({ kind: 'cpu', us: user + system });
});
process.on('disconnect', () => {
  process.exit();
});

function say(message: FromChild): void {
  process.send!(message);
}

/** As cheap as it can be: it is not what is measured. */
function buildBackend(): Server {
  const answer = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok';
  return createServer((socket) => {
    let text = '';
    socket.setNoDelay(true).on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      const heads = text.split('\r\n\r\n');
      text = heads.pop()!;
      if (heads.length > 0) socket.write(answer.repeat(heads.length));
    });
  });
}

function buildProxy(url: string, state: RedisStateOptions | undefined): Server {
  const app = express();
  const members = ['/1', '/2', '/3', '/4'].map((path) => `${url}${path}`);
  app.use(
    createBalancer({ name: 'app', members, logger: false, ...(state && { state: redisState(state) }) }),
  );
  const proxy = createHttpServer(app);
  proxy.keepAliveTimeout = 0;
  return proxy;
}
