import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from 'redis';
import { startCrowd, type Crowd } from './sharing-crowd.ts';

/** So many messages a second of one process are no bound any more. */
const absurdRate = 1_000;

type Traffic = Readonly<{ messages: number; scripts: number; in: number; out: number }>;
type Row = Readonly<{ name: string; seconds: number; traffic: Traffic; cpuUs: number; note: string }>;

/**
 * Counts what goes through Redis between processes that share a balancer, each of them a state of its own in this process;
 * tells what is absurd.
 */
export async function printMessages(url: string, isSmoke: boolean): Promise<readonly string[]> {
  const [processes, members, windowMs, intervalMs] = isSmoke
    ? [4, 50, 300, 1_000]
    : [16, 1_000, 10_000, 10_000];
  const expiry = isSmoke ? '2s' : '6s';
  const redis = createClient({ url });
  redis.on('error', (error) => {
    console.error(`the connection that counts: ${String(error)}`);
  });
  await redis.connect();
  const backend = createServer((socket) => socket.on('error', () => socket.destroy()).end());
  backend.listen(0, '127.0.0.1');
  await once(backend, 'listening');
  const { port } = backend.address() as AddressInfo;
  const absurd: string[] = [];
  console.log(`\n${processes} processes, ${members} members; through Redis, of all processes together\n`);
  console.log(
    '| state | seconds | scripts/s | messages/s | to Redis KiB/s | from Redis KiB/s | CPU of each % | |',
  );
  console.log('|---|--:|--:|--:|--:|--:|--:|---|');

  async function observe(name: string, what: () => Promise<string>): Promise<void> {
    const before = await readTraffic(redis);
    const cpu = process.cpuUsage();
    const start = performance.now();
    const note = await what();
    const seconds = (performance.now() - start) / 1_000;
    const { user, system } = process.cpuUsage(cpu);
    const after = await readTraffic(redis);
    const traffic = {
      messages: after.messages - before.messages,
      scripts: after.scripts - before.scripts,
      in: after.in - before.in,
      out: after.out - before.out,
    };
    absurd.push(...printRow({ name, seconds, traffic, cpuUs: user + system, note }, processes));
  }
  const wait = async (): Promise<string> => {
    await pause(windowMs);
    return '';
  };

  const plain = { url, port, processes, members, intervalMs: undefined, busy: false, expiry } as const;
  const requests = '200 requests a second in each process';
  try {
    await withCrowd({ ...plain, prefix: 'plain' }, async (crowd) => {
      await observe('idle, no checks', wait);
      await observe(`no busy counts, ${requests}`, () => crowd.serve(200, windowMs));
    });
    await withCrowd({ ...plain, prefix: 'busy', busy: true }, async (crowd) => {
      await observe(`busy counts, ${requests}`, () => crowd.serve(200, windowMs));
    });
    await withCrowd({ ...plain, prefix: 'checks', intervalMs }, async (crowd) => {
      // Their first checks are at any time in the first interval, and are done by then.
      await pause(1.1 * intervalMs);
      await observe(`checks every ${intervalMs / 1_000} s`, wait);
      await observe('and 10 members a second fail and come back', () => flap(crowd, windowMs));
      backend.close();
      await observe('all members fail, in all processes', () => timeOf(() => crowd.failAll()));
      await observe('and stay away', wait);
      backend.listen(port, '127.0.0.1');
      await observe('and come back, by their checks', () => timeOf(() => crowd.untilWell()));
      await observe('Redis flushed', async () => {
        await redis.flushAll();
        return wait();
      });
      await observe('all processes at once lose their connections', async () => {
        await redis.sendCommand(['CLIENT', 'KILL', 'SKIPME', 'yes']);
        return timeOf(async () => {
          // By then they have noticed it.
          await pause(500);
          await crowd.untilShared();
        });
      });
    });
  } finally {
    // Before the server ends: it would come back for ever, and hide what has gone wrong.
    redis.destroy();
    backend.close();
  }
  return absurd;
}

async function withCrowd(
  orders: Parameters<typeof startCrowd>[0],
  use: (crowd: Crowd) => Promise<void>,
): Promise<void> {
  const crowd = await startCrowd(orders);
  try {
    await use(crowd);
  } finally {
    await crowd.close();
  }
}

async function timeOf(act: () => Promise<void>): Promise<string> {
  const start = performance.now();
  await act();
  return `over in ${((performance.now() - start) / 1_000).toFixed(1)} s`;
}

async function flap(crowd: Crowd, ms: number): Promise<string> {
  for (let i = 0; i < ms / 100; i += 1) {
    crowd.flap(i);
    await pause(100);
  }
  return '';
}

/** What Redis has counted. */
async function readTraffic(redis: Readonly<{ info(section: string): Promise<string> }>): Promise<Traffic> {
  const text = `${await redis.info('stats')}${await redis.info('commandstats')}`;
  const calls = (pattern: RegExp): number =>
    [...text.matchAll(pattern)].reduce((sum, [, count]) => sum + Number(count), 0);
  return {
    messages: calls(/^cmdstat_s?publish:calls=(\d+)/gm),
    scripts: calls(/^cmdstat_(?:eval|evalsha|fcall):calls=(\d+)/gm),
    in: calls(/^total_net_input_bytes:(\d+)/gm),
    out: calls(/^total_net_output_bytes:(\d+)/gm),
  };
}

/** Tells what is absurd. */
function printRow({ name, seconds, traffic, cpuUs, note }: Row, processes: number): readonly string[] {
  const rate = (count: number): string => (count / seconds).toFixed(1);
  const { scripts, messages, in: to, out: from } = traffic;
  const figures = [scripts, messages, to / 1_024, from / 1_024].map(rate).join(' | ');
  const cpu = (cpuUs / 10_000 / seconds / processes).toFixed(2);
  console.log(`| ${name} | ${seconds.toFixed(1)} | ${figures} | ${cpu} | ${note} |`);
  const perProcess = messages / seconds / processes;
  return perProcess > absurdRate ? [`${name}: ${perProcess.toFixed(0)} messages/s of one process`] : [];
}
