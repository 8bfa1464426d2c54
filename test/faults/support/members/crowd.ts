import {
  Agent as HttpAgent,
  request as requestHttp,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { startBackend, type Backend } from '../../../support/backend.ts';
import { makePattern, PatternReader, writePieces } from '../../../support/patterns.ts';
import { createRandom, type Random } from '../../../support/seeded-random.ts';

/** What a client asks for; its content is known by `id`, and whose member it is by that. */
type Wanted = Readonly<{
  id: number;
  bytes: number;
  kind: 'counted' | 'chunked' | 'until-close';
  /** The member breaks off behind so many bytes. */
  cutAt: number | undefined;
  method: 'GET' | 'POST';
}>;

/** How the clients of one round went about it. */
export type Crowd = {
  whole: number;
  cut: number;
  left: number;
  refused: number;
  bytes: number;
  /** Everything that is not as it should be. */
  faults: string[];
};

/** Around the sizes at which pieces are copied, written plainly, read into buffers of their own. */
const sizes = [0, 1, 100, 8_191, 8_192, 8_193, 16_384, 65_535, 65_536, 131_072, 131_073, 300_000, 1_000_000];
const pieces = [1, 7, 512, 4_096, 8_191, 8_192, 16_384, 40_000, 65_536, 200_000];

/** Members whose every answer has a pattern of its own, in pieces of all sizes, with pauses; some break off. */
export function startPatternMember(name: string): Promise<Backend> {
  return startBackend(name, (req, res) => {
    void answer(new URL(req.url!, 'http://m'), res);
  });
}

async function answer({ searchParams }: URL, res: ServerResponse): Promise<void> {
  const id = Number(searchParams.get('id'));
  const bytes = Number(searchParams.get('bytes'));
  const cutAt = searchParams.has('cut') ? Number(searchParams.get('cut')) : undefined;
  const random = createRandom(id);
  res.setHeader('Content-Type', 'text/plain');
  const kind = searchParams.get('kind');
  if (kind === 'counted') res.setHeader('Content-Length', bytes);
  if (kind === 'until-close') res.useChunkedEncodingByDefault = false;
  const content = makePattern(id, bytes).subarray(0, cutAt ?? bytes);
  res.flushHeaders();
  const isQuick = random.happens(50);
  await writePieces(
    res,
    content,
    () => random.oneOf(pieces),
    () => (isQuick || random.happens(70) ? undefined : turn()),
  );
  if (cutAt === undefined) res.end();
  else if (random.happens(50)) res.socket?.resetAndDestroy();
  else res.destroy();
}

/** Many clients, each with answers of its own, who read, pause and leave as they like. */
export async function runCrowd(
  port: number,
  {
    seed,
    clients,
    requests,
    longest,
    tls,
  }: Readonly<{ seed: number; clients: number; requests: number; longest: number; tls: boolean }>,
): Promise<Crowd> {
  const crowd: Crowd = { whole: 0, cut: 0, left: 0, refused: 0, bytes: 0, faults: [] };
  let next = seed * 1_000_000;
  async function work(random: Random): Promise<void> {
    const agent = tls
      ? new HttpsAgent({ keepAlive: true, maxSockets: 1 })
      : new HttpAgent({ keepAlive: true, maxSockets: 1 });
    for (let i = 0; i < requests; i += 1)
      await askOnce(port, tls, agent, want(next++, longest, random), random, crowd);
    agent.destroy();
  }
  await Promise.all(Array.from({ length: clients }, (_, i) => work(createRandom(seed * 1_000 + i))));
  return crowd;
}

function want(id: number, longest: number, random: Random): Wanted {
  const bytes = random.happens(15) ? random.below(longest) : random.oneOf(sizes);
  return {
    id,
    bytes,
    kind: random.oneOf(['counted', 'chunked', 'until-close'] as const),
    // Never behind all of it: who breaks off there ends an idle connection, which a POST may run into.
    cutAt: bytes > 0 && random.happens(8) ? random.below(bytes) : undefined,
    method: random.oneOf(['GET', 'POST'] as const),
  };
}

async function askOnce(
  port: number,
  tls: boolean,
  agent: HttpAgent,
  { id, bytes, kind, cutAt, method }: Wanted,
  random: Random,
  crowd: Crowd,
): Promise<void> {
  const cut = cutAt === undefined ? '' : `&cut=${cutAt}`;
  const path = `/?id=${id}&bytes=${bytes}&kind=${kind}${cut}`;
  const options = { host: '127.0.0.1', port, path, method, agent, rejectUnauthorized: false };
  const req = (tls ? requestHttps : requestHttp)(options).end();
  let res: IncomingMessage;
  try {
    [res] = (await once(req, 'response')) as [IncomingMessage];
  } catch (error) {
    // Cut before the head was on its way.
    if (cutAt === undefined) crowd.faults.push(`${path}: ${String(error)}`);
    crowd.cut += 1;
    return;
  }
  res.on('error', () => undefined);
  const reader = new PatternReader(makePattern(id, bytes));
  const leavesAt = random.happens(8) ? random.below(bytes + 1) : Infinity;
  const isEager = random.happens(40);
  const isZipped = res.headers['content-encoding'] === 'gzip';
  const content = isZipped ? res.pipe(createGunzip()) : res;
  let got = 0;
  let hasLeft = false;
  // A stream of its own ends only by what comes.
  if (isZipped)
    res.once('close', () => {
      if (!res.complete) content.destroy();
    });
  try {
    for await (const chunk of content as AsyncIterable<Buffer>) {
      if (res.statusCode === 200) reader.read(chunk);
      got += chunk.length;
      crowd.bytes += chunk.length;
      if (got >= leavesAt) {
        hasLeft = true;
        res.destroy();
        break;
      }
      if (!isEager) for (let i = random.below(12); i > 0; i -= 1) await turn();
    }
  } catch {
    // What is cut is looked at below.
  }
  if (reader.fault !== undefined) crowd.faults.push(`${path}: ${reader.fault}`);
  if (hasLeft) crowd.left += 1;
  else if (res.statusCode !== 200) {
    if (cutAt === undefined) crowd.faults.push(`${path}: ${res.statusCode}`);
    crowd.refused += 1;
  } else if (res.complete && !reader.isWhole && !(kind === 'until-close' && cutAt !== undefined)) {
    crowd.faults.push(`${path}: looks whole with ${got} of ${bytes} bytes`);
  } else if (reader.isWhole && res.complete) crowd.whole += 1;
  else {
    if (cutAt === undefined) crowd.faults.push(`${path}: ends behind ${got} of ${bytes} bytes`);
    crowd.cut += 1;
  }
}
