import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { WebSocket } from 'ws';
import type { BalancerDefinition } from '../../../../src/index.ts';
import { createRandom, type Random } from '../../../support/seeded-random.ts';
import { hearFrom, startProgram } from '../programs.ts';
import type { FrontWord, Measured } from './words.ts';

/** What became of the requests of a run. */
export type Counts = Record<'whole' | 'failed' | 'cut' | 'left' | 'echoed' | 'wrong', number>;

/** A front under load with faults mixed in: what it held once it was warm, what at the end, what clients were told. */
export type Endured = Readonly<{ before: Measured; after: Measured; counts: Counts; exitCode: number }>;

const clients = 64;

/** Warms a front up, looks at it, asks as often as it is told, looks again, and lets it end. Its programs are `stopPrograms`’s. */
export async function endure(
  sender: Partial<BalancerDefinition>,
  requests: Readonly<{ warm: number; counted: number }>,
  seed = 1,
): Promise<Endured> {
  const random = createRandom(seed);
  const members = startProgram('endurance/members-main.ts', [seed]);
  const ports = await hearFrom<readonly number[]>(members);
  const definition: BalancerDefinition = {
    ...sender,
    stickysession: 'route',
    stickysessionsep: 'Off',
    memberDefaults: { timeout: '500ms', retry: 0 },
    members: ports.map((port, i) => ({ url: `http://127.0.0.1:${port}`, route: `r${i}` })),
  };
  const front = startProgram('endurance/front-main.ts', [JSON.stringify(definition)], ['--expose-gc']);
  const told = await hearFrom<FrontWord>(front);
  const port = told.kind === 'listening' ? told.port : 0;
  await load(port, requests.warm, random);
  const before = await measureAtRest(front, members);
  const counts = await load(port, requests.counted, random);
  const after = await measureAtRest(front, members);
  const exited = once(front, 'exit') as Promise<[number]>;
  front.send('close');
  const [exitCode] = await exited;
  return { before, after, counts, exitCode };
}

/** Members drop all connections, so that what the balancer holds is not what it would use again. */
async function measureAtRest(front: ChildProcess, members: ChildProcess): Promise<Measured> {
  members.send('drop');
  for (;;) {
    front.send('measure');
    const word = await hearFrom<FrontWord>(front);
    if (word.kind !== 'measured') continue;
    const { measured } = word;
    const sockets = Object.keys(measured.resources).filter((kind) => kind === 'TCPSocketWrap');
    if (measured.busy === 0 && measured.connections === 0 && sockets.length === 0) return measured;
  }
}

async function load(port: number, count: number, random: Random): Promise<Counts> {
  const counts: Counts = { whole: 0, failed: 0, cut: 0, left: 0, echoed: 0, wrong: 0 };
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  let begun = 0;
  const work = async (): Promise<void> => {
    while (begun < count) {
      const id = `i${begun++}`;
      counts[await askOnce(port, id, agent, random)] += 1;
    }
  };
  await Promise.all(Array.from({ length: clients }, work));
  agent.destroy();
  return counts;
}

function askOnce(port: number, id: string, agent: Agent, random: Random): Promise<keyof Counts> {
  if (random.below(500) === 0) return echoOnce(port, id);
  const { promise, resolve } = Promise.withResolvers<keyof Counts>();
  const isUpload = random.happens(10);
  const method = isUpload ? random.oneOf(['PUT', 'POST']) : 'GET';
  const leaves = random.below(100) === 0;
  const headers = { 'X-Id': id, Cookie: `route=r${random.below(4)}` };
  const req = request({ port, host: '127.0.0.1', agent, method, headers });
  req.on('error', () => {
    resolve(leaves ? 'left' : 'cut');
  });
  req.on('response', (res) => {
    let text = '';
    let isFirst = true;
    res.setEncoding('latin1');
    res.on('data', (piece: string) => {
      if (isFirst) text = piece;
      isFirst = false;
      if (leaves) req.destroy();
    });
    res.on('error', () => undefined);
    res.on('close', () => {
      if (leaves) resolve('left');
      else if (!res.complete) resolve('cut');
      else if (res.statusCode !== 200) resolve('failed');
      // What a fault has answered by itself has no id.
      else if (res.headers['x-id'] === undefined) resolve('whole');
      else resolve(res.headers['x-id'] === id && text.startsWith(`${id}.`) ? 'whole' : 'wrong');
    });
  });
  if (isUpload) {
    req.write('x'.repeat(random.below(30_000)));
    if (leaves) setImmediate(() => req.destroy());
  }
  req.end();
  return promise;
}

function echoOnce(port: number, id: string): Promise<keyof Counts> {
  const { promise, resolve } = Promise.withResolvers<keyof Counts>();
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
  socket.on('error', () => {
    resolve('failed');
  });
  socket.on('open', () => {
    socket.send(id);
  });
  socket.on('message', (data: Buffer) => {
    resolve(data.toString() === id ? 'echoed' : 'wrong');
    socket.close();
  });
  socket.on('close', () => {
    resolve('cut');
  });
  return promise;
}
