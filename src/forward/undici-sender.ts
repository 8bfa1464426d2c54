import { Pool } from 'undici';
import type { MemberSettings } from '../definition/settings.ts';
import type { Sender } from './sender.ts';
import { clientOptions, MemberClient } from './undici-client.ts';
import { Exchange } from './undici-exchange.ts';

/** Sends requests through undici: a pool of connections per member, made at its first request. */
export function createUndiciSender(): Sender {
  const pools = new Map<MemberSettings, Pool>();
  const singles = new Set<MemberClient>();

  function poolOf(member: MemberSettings): Pool {
    let pool = pools.get(member);
    if (!pool) {
      pool = new Pool(member.origin, {
        ...clientOptions(member),
        factory: (origin, options) => new MemberClient(origin, options),
      });
      pools.set(member, pool);
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
    async destroy() {
      await Promise.all([...pools.values(), ...singles].map((each) => each.destroy()));
    },
  };
}
