import { afterEach, describe, expect, test } from '@jest/globals';
import { ask, hashOf, makeBody, type Asked, type Told } from '../support/ask.ts';
import { startBackend, startRawBackend, type Backend } from '../support/backend.ts';
import { faults, midAnswerFaults, type Fault, type MidAnswerFault } from '../support/faults.ts';
import { senders } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { createRandom, type Random } from '../support/seeded-random.ts';
import { startToldFront, type ToldFront } from '../support/stories.ts';

type Doing = Fault | MidAnswerFault | 'answers';

const failing = Object.keys(faults) as readonly Fault[];
const breaking = Object.keys(midAnswerFaults) as readonly MidAnswerFault[];
const methods = ['GET', 'PUT', 'DELETE', 'POST', 'PATCH'] as const;
const idempotent: ReadonlySet<string> = new Set(['GET', 'PUT', 'DELETE']);
const bodies: readonly Pick<Asked, 'body' | 'chunked'>[] = [
  {},
  { body: makeBody(1_000) },
  { body: makeBody(40_000), chunked: true },
  { body: makeBody(300_000) },
];

/** As many as are sent again at most within the burst of the retry budget. */
const REQUESTS_A_FRONT = 5;
const BURST = 10;

afterEach(tidyUp);

/** A backend that reads a request whole, and then does with it what chance says. */
function startFickle(random: Random): Promise<Backend> {
  return startBackend('fickle', (req, res, { body }) => {
    const doing: Doing = random.happens(40) ? 'answers' : random.oneOf([...failing, ...breaking]);
    if (doing === 'answers') {
      res.setHeader('X-Hash', hashOf(body));
      res.end('whole');
    } else {
      ({ ...faults, ...midAnswerFaults })[doing](req.socket);
    }
  });
}

/** A backend that resets some connections as soon as a head has come, and answers on the others. */
function startHasty(random: Random): Promise<Backend> {
  return startRawBackend((socket, head) => {
    // The rest of a body is no head.
    if (!/^[A-Z]+ \//.test(head)) return;
    if (random.happens(50)) socket.resetAndDestroy();
    else if (/^(?:GET|DELETE)/.test(head)) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole');
    else socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nwhole');
  });
}

type Ran = Readonly<{ method: string; path: string; asked: Asked; told: Told; executions: number }>;

/** Some requests at once and some in a row, over three members of which the last always answers, now and then after a restart. */
async function run(random: Random, sender: object): Promise<readonly Ran[]> {
  const healthy = await startBackend('healthy', (_req, res, { body }) => {
    res.setHeader('X-Hash', hashOf(body));
    res.end('whole');
  });
  const backends = [await startFickle(random), await startHasty(random), healthy];
  const front: ToldFront = await startToldFront({
    ...sender,
    memberDefaults: { timeout: '100ms', retry: 0 },
    members: [...backends.slice(0, 2).map(({ url }) => url), { url: healthy.url, timeout: '1m' }],
  });
  const ran: Omit<Ran, 'executions'>[] = [];
  while (ran.length < REQUESTS_A_FRONT) {
    const stopped = random.happens(20) ? random.oneOf(backends.slice(0, 2)) : undefined;
    await stopped?.stop();
    const together = Array.from({ length: 1 + random.below(2) }, async () => {
      const asked = random.oneOf(bodies);
      const method = random.oneOf(methods);
      const path = `/${random.below(1_000_000_000)}`;
      return { method, path, asked, told: await ask(front.port, { method, path, ...asked }) };
    });
    ran.push(...(await Promise.all(together)));
    await stopped?.start();
  }
  const begun = backends.flatMap((backend) => backend.begun);
  return ran.map((one) => ({
    ...one,
    executions: begun.filter((line) => line === `${one.method} ${one.path}`).length,
  }));
}

describe.each(senders)('%s: whatever the members do', (_sender, sender) => {
  const seeds = Array.from({ length: 8 }, (_, i) => i + 1);

  test.each(seeds)(
    'nothing is executed twice that may not be, and nothing is cut short in silence (seed %i)',
    async (seed) => {
      const random = createRandom(seed);
      for (let round = 0; round < 5; round += 1) {
        const ran = await run(random, sender);
        const sentAgain = ran.reduce((sum, { executions }) => sum + Math.max(0, executions - 1), 0);
        for (const { method, path, asked, told, executions } of ran) {
          const { body = Buffer.alloc(0) } = asked;
          const what = `${method} ${path}, ${body.length} bytes: ${told.status} ${told.code ?? ''}`;
          if (!idempotent.has(method)) expect([what, executions <= 1]).toEqual([what, true]);
          expect([what, [200, 502, 503, 504].includes(told.status)]).toEqual([what, true]);
          if (told.status !== 200) {
            const mayFail = !idempotent.has(method) || body.length > 65_536 || sentAgain >= BURST;
            expect([what, mayFail]).toEqual([what, true]);
          } else if (told.whole) {
            expect([what, told.text]).toEqual([what, 'whole']);
            expect(told.headers['x-hash'] ?? hashOf(body)).toBe(hashOf(body));
          }
        }
      }
    },
    60_000,
  );
});
