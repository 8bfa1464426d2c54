import { once } from 'node:events';
import { createServer, type ServerOptions } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { expect } from '@jest/globals';
import type { Request, Response } from 'express';
import { attachUpgrades, type App, type BalancerDefinition } from '../../../../src/index.ts';
import { statusOf } from '../../../../src/errors.ts';
import { readClientPath, splitTarget } from '../../../../src/request/path.ts';
import { ask } from '../../../support/ask.ts';
import { startFront, type Front } from '../../../support/front.ts';
import { isIdle, until } from '../../../support/idle.ts';
import { createRandom, type Random } from '../../../support/seeded-random.ts';
import { mutate } from './mutate.ts';
import { readAnswers } from './read-answers.ts';
import { startReference, type NodeRequest, type Reference } from './reference.ts';
import { writeValid } from './shapes.ts';
import { startStrictMember, type StrictMember } from './strict-member.ts';
import { valuesIn, type StrictRequest } from './strict-reader.ts';

/** What became of so many inputs. */
export type Fuzzed = Readonly<{
  inputs: number;
  /** Requests that Node's server has made of them. */
  requests: number;
  /** Those of which a member has seen the whole. */
  forwarded: number;
  /** Those that the balancer has refused. */
  refused: number;
  /** Connections that Node has closed for what was sent on them. */
  closed: number;
  perSecond: number;
  /** What is not as it should be, each with the number of its input. */
  faults: readonly string[];
}>;

/** No client can say it, so that each request that a member gets is one that the app has numbered. */
const numberField = 'x-number-1f2a3b4c';
const parallel = 6;
/** So often a plain request is in between. */
const cleanEach = 200;

/** A request as the front has seen it. */
type Seen = {
  readonly number: number;
  readonly method: string;
  readonly url: string;
  isOver: boolean;
};

type Rig = Readonly<{
  front: Front;
  /** Of the server that the bytes come to. */
  port: number;
  close(): Promise<void>;
  member: StrictMember;
  reference: Reference;
  /** By the port of the client. */
  seen: Map<number, Seen[]>;
  faults: string[];
}>;

/**
 * Sends so many inputs that chance makes of valid requests, and looks at all that comes of them. `options`: of the server in
 * front of the app.
 */
export async function fuzzClientSide(
  sender: Partial<BalancerDefinition>,
  inputs: number,
  seed: number,
  options: ServerOptions = {},
): Promise<Fuzzed> {
  const rig = await startRig(sender, options);
  const began = performance.now();
  const sums = { requests: 0, forwarded: 0, refused: 0, closed: 0 };
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < inputs && rig.faults.length < 5) {
      const input = next++;
      const outcome = await sendOne(rig, seed * 1_000_000 + input);
      sums.requests += outcome.requests;
      sums.closed += outcome.isClosed ? 1 : 0;
      if (input % cleanEach === 0) await askPlainly(rig);
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));
  const seconds = (performance.now() - began) / 1_000;
  await settle(rig);
  sums.forwarded = rig.member.requests.length;
  sums.refused = rig.front.errors.length;
  await rig.close();
  return {
    inputs: next,
    ...sums,
    perSecond: Math.round(next / seconds),
    faults: [...rig.faults, ...rig.member.faults],
  };
}

async function startRig(sender: Partial<BalancerDefinition>, options: ServerOptions): Promise<Rig> {
  const seen: Rig['seen'] = new Map();
  let count = 0;
  const member = await startStrictMember(numberField);
  const front = await startFront({
    ...sender,
    stickysession: 'sid|psid',
    routeCookie: true,
    proxyvia: 'On',
    members: [{ url: member.url, route: 'm' }],
  });
  // In front of the app, whose router has no middleware for a URL that it finds no path in.
  const app: App = (req, res) => {
    const one: Seen = { number: count++, method: req.method!, url: req.url!, isOver: false };
    seen.get(req.socket.remotePort!)?.push(one);
    req.headers[numberField] = String(one.number);
    res.once('close', () => {
      one.isOver = true;
    });
    res.once('finish', () => {
      one.isOver = true;
    });
    front.app(req as Request, res as Response);
  };
  const server = createServer(options, app).listen(0, '127.0.0.1');
  attachUpgrades(server, app);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const reference = await startReference(options);
  const close = async (): Promise<void> => {
    await reference.close();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { front, port, close, member, reference, seen, faults: [] };
}

/** What Node's server answers to what it cannot read, before it closes. */
const refusal = /HTTP\/1\.1 4\d\d [\w ]+\r\nConnection: close\r\n/;

type Outcome = Readonly<{ requests: number; isClosed: boolean }>;

async function sendOne(rig: Rig, seed: number): Promise<Outcome> {
  const random = createRandom(seed);
  const text = mutate(writeValid(random), writeValid(random), random);
  const bytes = Buffer.from(text, 'latin1');
  const meant = await rig.reference.read(bytes);
  const before = rig.member.requests.length;
  const client = connect(rig.port, '127.0.0.1');
  let answered = '';
  let isClosed = false;
  client.on('error', () => undefined);
  client.on('close', () => {
    isClosed = true;
  });
  await once(client, 'connect');
  client.on('data', (chunk) => {
    answered += chunk.toString('latin1');
  });
  const port = client.localPort!;
  const seen: Seen[] = [];
  rig.seen.set(port, seen);
  const tell = (fault: string): void => {
    rig.faults.push(`input ${seed}, ${JSON.stringify(text.slice(0, 1_500))}: ${fault}`);
  };
  const isServed = (): boolean =>
    seen.filter(({ isOver }) => isOver).length >= meant.filter(({ isOpen }) => !isOpen).length;
  try {
    await write(client, bytes, random);
    await until(() => isClosed || isServed());
    client.end();
    await until(() => isClosed);
    // An upgrade behind other requests is served if they are answered by then, and else ends the connection.
    const known = /upgrade/i.test(text) ? seen.slice(0, meant.length) : seen;
    judgeSeen(known, meant, rig.member.requests.slice(before), tell);
    judgeAnswers(answered, seen, tell);
    return { requests: seen.length, isClosed: refusal.test(answered) };
  } catch (error) {
    tell(`neither an answer nor an end: ${String(error)}, ${JSON.stringify({ answered, seen, meant })}`);
    client.destroy();
    return { requests: seen.length, isClosed: false };
  } finally {
    rig.seen.delete(port);
  }
}

/** In up to three pieces, as a network may deliver it. */
async function write(client: Socket, bytes: Buffer, random: Random): Promise<void> {
  let from = 0;
  for (let left = random.happens(60) ? 0 : 1 + random.below(2); left > 0; left -= 1) {
    const to = from + random.below(bytes.length - from + 1);
    if (to > from) client.write(bytes.subarray(from, to));
    from = to;
    await new Promise(setImmediate);
  }
  client.write(bytes.subarray(from));
}

/** Whether the front has seen what Node reads, and the member the same of it, each at most once. */
function judgeSeen(
  seen: readonly Seen[],
  meant: readonly NodeRequest[],
  arrived: readonly StrictRequest[],
  tell: (fault: string) => void,
): void {
  for (const [i, { number, method, url }] of seen.entries()) {
    const asked = meant[i];
    if (asked?.method !== method || asked.url !== url) {
      tell(`the front has seen ${method} ${url}`);
      return;
    }
    const got = arrived.filter((request) => valuesIn(request, numberField).join() === String(number));
    if (got.length > 1) tell(`${method} ${url} was executed ${got.length} times`);
    for (const request of got) {
      if (!asked.isWhole) tell(`the member has the whole of ${method} ${url}`);
      if (request.method !== method || request.body !== asked.body || request.target !== targetOf(url)) {
        tell(`the member has got ${JSON.stringify(request)} for ${JSON.stringify(asked)}`);
      }
    }
  }
}

/** What of an URL goes on. */
function targetOf(url: string): string | undefined {
  const target = splitTarget(url);
  if (!('path' in target)) return undefined;
  const read = readClientPath(target.path);
  return 'path' in read ? read.path + target.query : undefined;
}

/** Whether the client has got its own answers, in order, or an end. */
function judgeAnswers(answered: string, seen: readonly Seen[], tell: (fault: string) => void): void {
  const answers = readAnswers(
    answered,
    seen.map(({ method }) => method),
  );
  if (!answers) {
    tell(`answered ${JSON.stringify(answered)}`);
    return;
  }
  for (const [i, { status, body, isWhole }] of answers.filter(({ isNodes }) => !isNodes).entries()) {
    const one = seen[i];
    // With Max-Forwards, what is asked is told from here.
    const isLocal = (one?.method === 'TRACE' && body.startsWith('TRACE ')) || one?.method === 'OPTIONS';
    const isMembers = one?.method === 'HEAD' || body === `member ${one?.number}`;
    const isRight = status !== 200 || isMembers || (isLocal && !body.startsWith('member'));
    if (isWhole && !isRight) tell(`${JSON.stringify(body)} for number ${one?.number}`);
    if (status >= 500 && status !== 501 && status !== 505) tell(`answered ${status}: ${body}`);
  }
}

/** Who asks plainly in between is served as ever. */
async function askPlainly({ port, faults }: Rig): Promise<void> {
  const { status, text } = await ask(port, { path: '/clean', method: 'POST', body: Buffer.from('x') });
  if (status !== 200 || !text.startsWith('member ')) faults.push(`a plain request got ${status} ${text}`);
}

/** When all is over: nobody is charged, each request that arrived was one of the app's, each refusal has its code. */
async function settle({ front, member, faults }: Rig): Promise<void> {
  await until(() => isIdle(front));
  const numbers = member.requests.map((request) => valuesIn(request, numberField).join());
  if (numbers.some((number) => !/^\d+$/.test(number)))
    faults.push('a member has got what the app has not seen');
  if (new Set(numbers).size < numbers.length) faults.push('a request was executed twice');
  for (const { code, status, message } of front.errors) {
    if (!/^ERR_BALANCER_/.test(code) || (status !== statusOf(code) && status !== 505)) {
      faults.push(`an error without a code: ${message}`);
    }
  }
  expect(front.balancer.view().map(({ busy }) => busy)).toEqual([0]);
}
