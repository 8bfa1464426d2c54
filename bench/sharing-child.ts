import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import express, { type Express } from 'express';
import { createBalancer, type Balancer } from '../src/index.ts';
import { insideOf } from '../src/inside.ts';
import { redisState, type RedisStateOptions } from '../src/redis/index.ts';

/* A process of the benchmark: the backend, or a proxy before it, steered over the channel to the process that started it. */

/** What a process is to be: JSON. */
export type ChildOrders = Readonly<
  | { kind: 'backend' }
  | {
      kind: 'proxy';
      /** Of the backend. */
      url: string;
      members: number;
      /** A balancer for each of them, the first one at `/0`; null: it shares nothing. */
      states: readonly (RedisStateOptions | null)[];
    }
>;

/** What becomes of a member. */
export type Deed = 'drain' | 'undrain' | 'fail' | 'recover';

export type ToChild = Readonly<{ kind: 'cpu' } | { kind: 'do'; deed: Deed; member: number }>;
export type FromChild = Readonly<
  | { kind: 'ready'; port: number }
  | { kind: 'cpu'; us: number }
  /** It was done, or has arrived; by the clock that all processes of a machine have. */
  | { kind: 'done' | 'arrived'; deed: Deed; member: number; atMs: number }
>;

const orders = JSON.parse(process.argv[2]!) as ChildOrders;
const balancers: Balancer[] = [];
process.on('message', (message: ToChild) => {
  if (message.kind === 'cpu') {
    const { user, system } = process.cpuUsage();
    say({ kind: 'cpu', us: user + system });
    return;
  }
  const { deed, member } = message;
  const atMs = readClock();
  act(balancers[0]!, deed, member);
  say({ kind: 'done', deed, member, atMs });
});
process.on('disconnect', () => {
  process.exit();
});

const server = orders.kind === 'backend' ? buildBackend() : await buildProxy(orders);

server.listen(0, '127.0.0.1', () => {
  say({ kind: 'ready', port: (server.address() as AddressInfo).port });
});

function say(message: FromChild): void {
  process.send!(message);
}

/** Runs since the machine was started, alike in all processes. */
function readClock(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

function act(balancer: Balancer, deed: Deed, member: number): void {
  const { members } = insideOf(balancer).now().parts;
  switch (deed) {
    case 'drain':
    case 'undrain':
      balancer.change(`${member}`, { drain: deed === 'drain' });
      return;
    case 'fail':
      members.apply(members.view()[member]!, 'failed');
      return;
    case 'recover':
      members.apply(members.view()[member]!, 'forced');
      // It is tried, and answers: that is told.
      members.apply(members.view()[member]!, 'succeeded');
      return;
  }
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

async function buildProxy({ url, members, states }: ChildOrders & { kind: 'proxy' }): Promise<Server> {
  const apps: Express[] = [];
  for (const options of states) {
    const state = options && redisState({ ...options, logger: false });
    const balancer = createBalancer({
      name: 'app',
      members: Array.from({ length: members }, (_, i) => ({ url: `${url}/${i}`, route: `${i}` })),
      logger: false,
      ...(state && { state }),
    });
    balancer.on('state', ({ member, from, to }) => {
      const atMs = readClock();
      const tell = (deed: Deed): void => {
        say({ kind: 'arrived', deed, member: Number(member), atMs });
      };
      if (from.includes('N') !== to.includes('N')) tell(to.includes('N') ? 'drain' : 'undrain');
      if (from.includes('E') !== to.includes('E')) tell(to.includes('E') ? 'fail' : 'recover');
    });
    await state?.ready();
    balancers.push(balancer);
    apps.push(express().use(balancer));
  }
  // Not by mount paths: the last would be found later than the first.
  const proxy = createHttpServer((req, res) => {
    apps[Number(req.url![1])]!(req, res);
  });
  proxy.keepAliveTimeout = 0;
  return proxy;
}
