// A crowd of clients in a process of its own, each with a connection that it keeps; what they are told is checked, to the byte.
// `node load-crowd-main.ts PORT CLIENTS SOCKETS SEED`, with a channel. Members are those of member-main.ts.
import { once } from 'node:events';
import { Agent } from 'node:http';
import { WebSocket } from 'ws';
import { ask, hashOf, makeBody, type Told } from '../../support/ask.ts';
import { createRandom, type Random } from '../../support/seeded-random.ts';
import type { CrowdFigures, CrowdOrder, CrowdWord, Results } from './load-words.ts';

type Kind = 'small' | 'downloads' | 'uploads' | 'posts';

type Wanted = Readonly<{
  kind: Kind;
  method: string;
  bytes: number;
  body: Buffer | undefined;
}>;

const [port = 0, clients = 0, sockets = 0, seed = 1] = process.argv.slice(2).map(Number);

const results = (): Results => ({ whole: 0, failed: 0, cut: 0 });
const wrong: string[] = [];
const failures: string[] = [];
const figures: CrowdFigures = {
  small: results(),
  downloads: results(),
  uploads: results(),
  posts: results(),
  echoes: results(),
  wrong,
  failures,
};
/** What each client waits for. */
const underWay: Promise<unknown>[] = [];
let answered = 0;
let goal = Infinity;
let reachGoal = (): void => undefined;
let isOver = false;
const mayGoOn = (): boolean => !isOver;

// Hashed once: what is looked for is whose body it is, and whether all of it has come.
const bodies = [100, 3_000, 30_000].map(makeBody);
const longBody = makeBody(200_000);
const hashes = new Map([Buffer.alloc(0), longBody, ...bodies].map((body) => [body.length, hashOf(body)]));

function pick(random: Random): Wanted {
  const bytes = random.oneOf([0, 20, 800, 16_000]);
  const body = random.oneOf(bodies);
  const lot = random.below(100);
  if (lot < 40) return { kind: 'small', method: 'GET', bytes, body: undefined };
  if (lot < 50) return { kind: 'small', method: 'HEAD', bytes, body: undefined };
  if (lot < 65) return { kind: 'small', method: 'PUT', bytes, body };
  if (lot < 73) return { kind: 'small', method: 'DELETE', bytes, body };
  if (lot < 88) return { kind: 'posts', method: 'POST', bytes, body };
  if (lot < 96) return { kind: 'downloads', method: 'GET', bytes: 300_000, body: undefined };
  return { kind: 'uploads', method: 'PUT', bytes, body: longBody };
}

function noteAnswer(id: string, { kind, method, bytes, body }: Wanted, told: Told): void {
  const result = figures[kind];
  if (told.status !== 200) {
    result.failed += 1;
    if (kind === 'small') noteFailure(`${method} ${id}: ${told.status} ${told.code ?? ''}`);
    return;
  }
  const expected = Buffer.alloc(method === 'HEAD' ? 0 : bytes, id);
  const isRight =
    told.headers['x-id'] === id &&
    told.headers['x-hash'] === hashes.get(body?.length ?? 0) &&
    (told.headers['content-length'] ?? String(bytes)) === String(bytes) &&
    told.body.equals(told.whole ? expected : expected.subarray(0, told.body.length));
  if (!isRight) noteWrong(`${method} ${id}: ${JSON.stringify(told.headers)}, ${told.body.length} bytes`);
  if (told.whole) result.whole += 1;
  else result.cut += 1;
  if (kind === 'small' && !told.whole) noteFailure(`${method} ${id}: cut`);
}

function noteWrong(line: string): void {
  if (wrong.length < 20) wrong.push(line);
}

function noteFailure(line: string): void {
  if (failures.length < 20) failures.push(line);
}

async function runClient(place: number): Promise<void> {
  const random = createRandom(seed * 1_000 + place);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let count = 0; mayGoOn(); count += 1) {
    const id = `${place}-${count};`;
    const wanted = pick(random);
    const { kind, method, body, bytes } = wanted;
    const path = `/?ms=${20 + random.below(40)}&bytes=${bytes}${random.happens(50) ? '&counted' : ''}`;
    const told = ask(port, { agent, method, path, body, headers: { 'X-Id': id } }).then(
      (answer) => {
        noteAnswer(id, wanted, answer);
      },
      (error: unknown) => {
        figures[kind].failed += 1;
        if (kind === 'small') noteFailure(`${method} ${id}: ${String(error)}`);
      },
    );
    underWay[place] = told;
    await told;
    answered += 1;
    if (answered >= goal) reachGoal();
  }
  agent.destroy();
}

/** One message at a time; a connection that was cut is opened again. */
async function runEcho(place: number): Promise<void> {
  let count = 0;
  while (mayGoOn()) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
    const closed = once(socket, 'close').then(() => 'closed' as const);
    socket.on('error', () => undefined);
    const opened = once(socket, 'open').then(
      () => 'open' as const,
      () => 'refused' as const,
    );
    underWay[place] = opened;
    if ((await opened) === 'refused') {
      figures.echoes.failed += 1;
      await closed;
      continue;
    }
    while (mayGoOn()) {
      const text = `${place}:${count++}`;
      const heard = once(socket, 'message').then(
        ([message]) => String(message),
        () => undefined,
      );
      socket.send(text);
      const message = await Promise.race([heard, closed.then(() => undefined)]);
      if (message === undefined) {
        figures.echoes.cut += 1;
        break;
      }
      if (message !== text) noteWrong(`WebSocket ${text}: ${message}`);
      figures.echoes.whole += 1;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    socket.terminate();
    await closed;
  }
}

function tell(word: CrowdWord, then: () => void = () => undefined): void {
  process.send!(word, then);
}

async function pass(more: number): Promise<void> {
  await Promise.all([...underWay]);
  const reached = Promise.withResolvers<undefined>();
  reachGoal = (): void => {
    goal = Infinity;
    reached.resolve(undefined);
  };
  goal = answered + more;
  await reached.promise;
  tell({ kind: 'passed' });
}

const all = [
  ...Array.from({ length: clients }, (_, place) => runClient(place)),
  ...Array.from({ length: sockets }, (_, place) => runEcho(clients + place)),
];

// Whoever has started it may be killed without a word.
process.once('disconnect', () => process.exit());
process.on('message', (order: CrowdOrder) => {
  if (order.kind === 'pass') {
    void pass(order.more);
    return;
  }
  isOver = true;
  void Promise.all(all).then(() => {
    tell({ kind: 'figures', figures }, () => {
      process.disconnect();
    });
  });
});
