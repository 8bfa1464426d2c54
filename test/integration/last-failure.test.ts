import { afterEach, describe, expect, test } from '@jest/globals';
import { Agent } from 'node:http';
import { ask, makeBody } from '../support/ask.ts';
import { deadUrl, startRawBackend } from '../support/backend.ts';
import { startFaulty, type Fault } from '../support/faults.ts';
import { senders } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { startPair } from '../support/pair.ts';
import { startToldFront } from '../support/stories.ts';

const small = makeBody(1_000);
const large = makeBody(300_000);

afterEach(tidyUp);

describe.each(senders)('%s', (_sender, sender) => {
  describe('when nobody is left, the last failure is told', () => {
    const rows: readonly (readonly [fault: Fault, status: number, code: string])[] = [
      ['resets the connection', 502, 'ERR_BALANCER_RESET'],
      ['closes the connection', 502, 'ERR_BALANCER_RESET'],
      ['breaks off in the head', 502, 'ERR_BALANCER_RESET'],
      ['stays silent', 504, 'ERR_BALANCER_TIMEOUT'],
      ['stalls in the head', 504, 'ERR_BALANCER_TIMEOUT'],
      ['answers garbage', 502, 'ERR_BALANCER_BAD_ANSWER'],
      ['sends a head too long', 502, 'ERR_BALANCER_BAD_ANSWER'],
      ['switches unasked', 502, 'ERR_BALANCER_BAD_ANSWER'],
      ['never ends its 1xx', 502, 'ERR_BALANCER_BAD_ANSWER'],
      ['sends two lengths', 502, 'ERR_BALANCER_BAD_ANSWER'],
    ];
    test.each(rows)('a member that %s: %i %s', async (fault, status, code) => {
      const first = await startFaulty('resets the connection');
      const last = await startFaulty(fault);
      const front = await startToldFront({
        ...sender,
        members: [
          { url: first.url, route: 'a' },
          {
            url: last.url,
            route: 'b',
            lbset: 1,
            ...(status === 504 ? { timeout: '50ms', connectiontimeout: '20s' } : {}),
          },
        ],
      });
      expect(await ask(front.port)).toMatchObject({ status, code, whole: true });
      expect(front.errors).toHaveLength(1);
      expect(front.errors[0]).toMatchObject({ code, status, expose: false, balancer: 'balancer' });
      expect(front.errors[0]!.member).toContain(last.url);
      expect(front.errors[0]!.attempts.map(({ name }) => name)).toEqual(['a', 'b']);
      expect([front.member('a').status, front.member('b').status]).toEqual(['', '']);
    });

    test('no connection: 503 ERR_BALANCER_CONNECT, and both are in error', async () => {
      const front = await startPair(await deadUrl(), await deadUrl(), sender);
      expect(await ask(front.port)).toMatchObject({ status: 503, code: 'ERR_BALANCER_CONNECT' });
      expect(front.stories()).toEqual(['a connect ECONNREFUSED, b connect ECONNREFUSED']);
      expect([front.member('a').status, front.member('b').status]).toEqual(['E', 'E']);
    });

    test('no connection in time: 504 ERR_BALANCER_CONNECT_TIMEOUT, and the member is in error', async () => {
      const mute = await startRawBackend(() => undefined);
      const front = await startToldFront({
        ...sender,
        members: [{ url: mute.url.replace('http:', 'https:'), route: 'a', connectiontimeout: '50ms' }],
      });
      expect(await ask(front.port)).toMatchObject({ status: 504, code: 'ERR_BALANCER_CONNECT_TIMEOUT' });
      expect(front.member('a').status).toBe('E');
    });
  });

  test('a client’s connection carries its next request after a failure, body or not', async () => {
    const faulty = await startFaulty('closes the connection');
    const front = await startToldFront({ ...sender, members: [faulty.url] });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    try {
      const asked = [{ method: 'POST', body: small }, { method: 'GET' }, { method: 'POST', body: large }, {}];
      let connections = 0;
      front.server.on('connection', () => (connections += 1));
      for (const each of asked) expect((await ask(front.port, { ...each, agent })).status).toBe(502);
      expect(connections).toBe(1);
    } finally {
      agent.destroy();
    }
  });
});
