import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { ask } from '../support/ask.ts';
import { startBackend, startRawBackend } from '../support/backend.ts';
import { midAnswerFaults, startFaulty, type MidAnswerFault } from '../support/faults.ts';
import { senders } from '../support/front.ts';
import { settles, tidyUp, until } from '../support/idle.ts';
import { RawClient } from '../support/raw-client.ts';
import { startToldFront, type ToldFront } from '../support/stories.ts';
import { stopTime } from '../support/time.ts';
import type { BalancerDefinition } from '../../src/index.ts';

afterEach(tidyUp);

/** A logger that keeps what it is told. */
function keepWarnings(): {
  warnings: string[];
  logger: Exclude<BalancerDefinition['logger'], false | undefined>;
} {
  const warnings: string[] = [];
  const fail = (): never => {
    throw new Error('only warnings were expected');
  };
  return { warnings, logger: { info: fail, error: fail, warn: (text: string) => warnings.push(text) } };
}

describe.each(senders)('%s: a member that fails in the middle of its answer', (_sender, sender) => {
  /** To be called in a time that stands, unless what fails is a matter of its timeout. */
  async function startPair(
    first: string,
    definition: Partial<BalancerDefinition> = {},
    timeout: `${number}ms` = '600ms',
  ): Promise<ToldFront> {
    const other = await startBackend('b');
    return startToldFront({
      ...sender,
      failontimeout: true,
      ...definition,
      members: [
        { url: first, route: 'a', timeout },
        { url: other.url, route: 'b', lbset: 1 },
      ],
    });
  }

  // E20 and E21 of the reference.
  describe('cuts the client’s connection', () => {
    const rows = Object.keys(midAnswerFaults) as MidAnswerFault[];
    test.each(rows)('when it %s', async (fault) => {
      const time = stopTime();
      const faulty = await startFaulty(fault);
      const { warnings, logger } = keepWarnings();
      const front = await startPair(faulty.url, { logger });
      const client = await RawClient.connect(front.port);
      client.send(['GET / HTTP/1.1', 'Host: a']);
      const head = await client.readHead();
      if (fault.startsWith('stalls')) {
        await settles(() => client.socket.bytesRead);
        time.pass(600);
      }
      const rest = await client.readRest();

      expect(head.status).toBe(200);
      // What came in one piece with the failure may be lost with it.
      if (fault !== 'sends a broken chunk') expect(rest).toContain('whole');
      // Neither the announced length nor the last chunk has come.
      expect(rest.length).toBeLessThan(100);
      expect(rest).not.toMatch(/^0\r\n/m);
      expect(warnings).toEqual([expect.stringContaining(`[balancer] ${faulty.url}`)]);
      expect(front.errors).toEqual([]);
      expect(faulty.begun).toHaveLength(1);
      // httpd leaves such a member alone, failontimeout or not.
      expect(front.member('a')).toMatchObject({ status: '', elected: 1 });
      expect(front.member('b').elected).toBe(0);
    });
  });

  test('is told in req.balancer', async () => {
    const time = stopTime();
    const reset = await startFaulty('closes in a counted body');
    const front = await startPair(reset.url);
    expect(await ask(front.port)).toMatchObject({ status: 200, whole: false });
    expect(front.stories()).toEqual(['a reset 200']);
    const silent = await startFaulty('stalls in a chunked body');
    const other = await startPair(silent.url);
    const asked = ask(other.port);
    await until(() => other.stories()[0] === 'a answered 200');
    time.pass(600);
    expect(await asked).toMatchObject({ status: 200, whole: false });
    expect(other.stories()).toEqual(['a timeout 200']);
  });

  test('a body that ends with its connection is whole', async () => {
    stopTime();
    const { warnings, logger } = keepWarnings();
    const raw = await startRawBackend((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nwhole'));
    const front = await startPair(raw.url, { logger });
    expect(await ask(front.port)).toMatchObject({ status: 200, text: 'whole', whole: true });
    expect(warnings).toEqual([]);
  });

  test('one that drips is not silent', async () => {
    const { warnings, logger } = keepWarnings();
    const time = stopTime();
    const drips: ServerResponse[] = [];
    const drip = await startBackend('drip', (_req, res) => {
      res.writeHead(200, { 'Content-Length': 4 }).write('.');
      drips.push(res);
    });
    const front = await startPair(drip.url, { logger });
    const client = await RawClient.connect(front.port);
    client.send(['GET / HTTP/1.1', 'Host: a']);
    await client.readHead();
    expect(await client.readBytes(1)).toBe('.');
    for (const piece of ['.', '.', '!']) {
      time.pass(590);
      drips[0]!.write(piece);
      expect(await client.readBytes(1)).toBe(piece);
    }
    expect(warnings).toEqual([]);
  });

  test('a client that is slow to read makes no member silent', async () => {
    const size = 8 * 1024 * 1024;
    const big = await startBackend('big', (req, res) => {
      if (req.url === '/') res.end(Buffer.alloc(size));
    });
    const { warnings, logger } = keepWarnings();
    // Real, for what flows is real; longer than any pause of the machine.
    const front = await startPair(big.url, { logger }, '3000ms');
    const client = await RawClient.connect(front.port);
    client.send(['GET / HTTP/1.1', 'Host: a', 'Connection: close']);
    await client.readHead();
    client.socket.pause();
    // Another request, which the member never answers, tells that its timeout is over.
    expect((await ask(front.port, { method: 'POST', path: '/silent' })).status).toBe(504);
    client.socket.resume();
    expect((await client.readRest()).length).toBe(size);
    expect(warnings).toEqual([]);
  });
});
