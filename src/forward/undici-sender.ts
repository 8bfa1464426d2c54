import { Pool } from 'undici';
import type { MemberSettings } from '../definition/settings.ts';
import type { Sender } from './sender.ts';
import { clientOptions, MemberClient } from './undici-client.ts';
import { Exchange } from './undici-exchange.ts';

/** Sends requests through undici: a pool of connections per member, made at its first request. */
export function createUndiciSender(): Sender {
  // By URL, which no two members share: settings that have nothing to do with connections come and go.
  const pools = new Map<string, Pool>();
  const retired = new Map<Pool, Promise<void>>();
  const singles = new Set<MemberClient>();

  function poolOf(member: MemberSettings): Pool {
    let pool = pools.get(member.url);
    if (!pool) {
      pool = new Pool(member.origin, {
        ...clientOptions(member),
        factory: (origin, options) => new MemberClient(origin, options),
      });
      pools.set(member.url, pool);
    }
    return pool;
  }

  /** A connection of its own for one request, closed by itself after it. */
  function single(member: MemberSettings): MemberClient {
    const client = new MemberClient(member.origin, clientOptions(member));
    singles.add(client);
    client.once('disconnect', () => singles.delete(client));
    client.once('connectionError', () => singles.delete(client));
    return client;
  }

  async function retire(url: string): Promise<void> {
    const pool = pools.get(url);
    if (!pool) return;
    pools.delete(url);
    const closed = pool.close();
    retired.set(pool, closed);
    await closed;
    retired.delete(pool);
  }

  return {
    send(outbound, member, receiver, fresh) {
      const exchange = new Exchange(outbound, member, receiver);
      if (!fresh) {
        exchange.begin(poolOf(member));
        return exchange;
      }
      const client = single(member);
      exchange.begin(client);
      void client.close();
      return exchange;
    },
    retire: ({ url }) => retire(url),
    async retireAll() {
      for (const url of pools.keys()) void retire(url);
      await Promise.all(retired.values());
    },
    async destroy() {
      await Promise.all([...pools.values(), ...retired.keys(), ...singles].map((each) => each.destroy()));
    },
  };
}
