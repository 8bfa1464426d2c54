import type { MemberSettings } from '../../definition/settings.ts';
import type { Sender } from '../sender.ts';
import { Connections } from './connections.ts';
import { Exchange } from './exchange.ts';
import { tellUndiciChannels } from './tell-undici-channels.ts';
import { WireError } from './wire-error.ts';
import { writeHead, type Head } from './write-head.ts';

/** Sends requests over HTTP/1.1, one at a time on a connection that is kept for the next one. */
export function createHttpSender(): Sender {
  // By URL, which no two members share: settings that have nothing to do with connections come and go.
  const members = new Map<string, Connections>();
  const retired = new Map<Connections, Promise<void>>();
  let isClosed = false;

  function connectionsOf(member: MemberSettings): Connections {
    let connections = members.get(member.url);
    if (!connections) {
      connections = new Connections(member);
      members.set(member.url, connections);
    }
    return connections;
  }

  async function retire(url: string): Promise<void> {
    const connections = members.get(url);
    if (!connections) return;
    members.delete(url);
    const ended = connections.retire();
    retired.set(connections, ended);
    await ended;
    retired.delete(connections);
  }

  return {
    send(asked, member, receiver, fresh) {
      const listeners = tellUndiciChannels(asked, member);
      const outbound = listeners ? { ...asked, headers: listeners.headers } : asked;
      const exchange = new Exchange(outbound, member, receiver, listeners?.told);
      let head: Head;
      try {
        if (isClosed) throw new WireError('ECONNRESET', 'the sender is closed');
        head = writeHead(outbound, member.disablereuse);
      } catch (error) {
        // Later: the caller has no Flow yet.
        queueMicrotask(() => {
          exchange.fail(isClosed ? 'reset' : 'bad-request', error as Error);
        });
        return exchange;
      }
      connectionsOf(member).carry(exchange, head, fresh);
      return exchange;
    },
    retire: ({ url }) => retire(url),
    async retireAll() {
      for (const url of members.keys()) void retire(url);
      await Promise.all(retired.values());
    },
    destroy() {
      isClosed = true;
      for (const connections of [...members.values(), ...retired.keys()]) connections.destroy();
      return Promise.resolve();
    },
  };
}
