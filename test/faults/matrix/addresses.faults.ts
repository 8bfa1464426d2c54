import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startDnsServer, type DnsServer } from '../../support/dns-server.ts';
import { senders, startFront } from '../../support/front.ts';
import { until } from '../../support/idle.ts';
import { startExecutor } from '../support/cases/executor.ts';
import { requestCases } from '../support/cases/requests.ts';
import { promises, type Progress } from '../support/cases/rule.ts';
import { askCell, findWrong } from '../support/cases/run.ts';
import { noteWhatIsThere, nothingIsLeft } from '../support/leftovers.ts';

let dns: DnsServer;

beforeEach(async () => {
  noteWhatIsThere();
  dns = await startDnsServer();
});
afterEach(async () => {
  await dns.stop();
  await nothingIsLeft();
});

/** The shortest time for which an answer of DNS holds, and what a busy machine adds to it. */
const mostMs = 1_000 + 5_000;

describe.each(senders)('over %s: a member from DNS', (_name, sender) => {
  test(`dies at one address and is back at another: ${promises.unsure}, and it has them all again`, async () => {
    const before = await startExecutor('a', undefined, { host: '127.0.0.1' });
    const b = await startExecutor('b');
    const { port: memberPort } = before.backend;
    dns.set('A', 'app.internal', { ttl: 1, records: ['127.0.0.1'] });
    const front = await startFront({
      ...sender,
      resolver: dns.address,
      members: [
        { url: `http://app.internal:${memberPort}`, resolve: 'A', timeout: '1m' },
        { url: b.url, lbset: 1, timeout: '1m' },
      ],
    });
    const all = [before];
    const executions = { a: () => all.flatMap((each) => each.executions), b: () => b.executions };
    const findAllWrong = async (progress: Progress): Promise<readonly string[]> => {
      const cells = requestCases.map((request) => askCell(front.port, request, executions));
      return findWrong({ progress, code: 'ERR_BALANCER_RESET' }, await Promise.all(cells));
    };
    const isKnownAt = (host: string): boolean =>
      front.balancer.view().some(({ url }) => url === `http://${host}:${memberPort}`);
    await until(() => isKnownAt('127.0.0.1'));
    expect(await findAllWrong('answered')).toEqual([]);

    await before.backend.stop();
    expect(await findAllWrong('unsure')).toEqual([]);

    all.push(await startExecutor('a', undefined, { host: '127.0.0.2', port: memberPort }));
    dns.set('A', 'app.internal', { ttl: 1, records: ['127.0.0.2'] });
    const since = performance.now();
    await until(() => isKnownAt('127.0.0.2') && !isKnownAt('127.0.0.1'));
    expect(performance.now() - since).toBeLessThan(mostMs);
    expect(await findAllWrong('answered')).toEqual([]);
  });
});
