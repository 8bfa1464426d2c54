import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { longestMs } from '../../definition/duration.ts';
import type { MemberSettings } from '../../definition/settings.ts';

/** The connections of one member. */
export type Agents = Readonly<{
  /** For requests; keeps connections for the next one, unless the member has `disablereuse`. */
  pooled: http.Agent;
  /** One connection a request. */
  single: http.Agent;
  /** Keeps no connection for a next request any more; resolves when those in use have ended. */
  retire(): Promise<void>;
  /** Ends all connections; resolves when there are none. */
  destroy(): Promise<void>;
}>;

/** What the types forget of a connection. */
type Tunable = Pick<Socket, 'setTimeout' | 'unref'>;

/** How long an idle connection is kept when neither member nor definition says so. */
const DEFAULT_TTL_MS = 4000;

/** Makes the agents of one member. */
export function createAgents(member: MemberSettings): Agents {
  const sockets = new Set<Duplex>();
  const waiting: (() => void)[] = [];
  let isRetired = false;

  function forget(socket: Duplex): void {
    sockets.delete(socket);
    if (sockets.size === 0) for (const resolve of waiting.splice(0)) resolve();
  }

  function create(keepAlive: boolean): http.Agent {
    const agent =
      member.protocol === 'https:' ? new https.Agent({ keepAlive }) : new http.Agent({ keepAlive });

    const connect = agent.createConnection.bind(agent);
    agent.createConnection = (options, callback) => {
      // An agent that keeps connections would have them probed as well.
      const socket = connect(Object.assign({}, options, { keepAlive: member.keepalive }), callback);
      if (socket) {
        sockets.add(socket);
        socket.once('close', () => {
          forget(socket);
        });
        // It has been upgraded, and is somebody else's from now on.
        socket.once('agentRemove', () => {
          forget(socket);
        });
      }
      return socket;
    };

    agent.keepSocketAlive = (connection) => {
      const socket = connection as unknown as Tunable;
      const ttlMs = readTtl(connection, member);
      if (isRetired || ttlMs <= 0) return false;
      socket.setTimeout(ttlMs);
      socket.unref();
      return true;
    };
    const reuse = agent.reuseSocket.bind(agent);
    agent.reuseSocket = (socket, request) => {
      (socket as unknown as Tunable).setTimeout(0);
      reuse(socket, request);
    };
    return agent;
  }

  const pooled = create(!member.disablereuse);
  const single = create(false);

  function ended(): Promise<void> {
    return sockets.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve));
  }

  return {
    pooled,
    single,
    retire() {
      isRetired = true;
      for (const idle of Object.values(pooled.freeSockets)) for (const socket of idle ?? []) socket.destroy();
      return ended();
    },
    destroy() {
      for (const socket of sockets) socket.destroy();
      return ended();
    },
  };
}

/** The member's own `Keep-Alive: timeout=…`, less a second for the way, but not longer than the member's `ttl`. */
function readTtl(socket: Duplex, { ttlMs }: MemberSettings): number {
  // Node's own agent looks there as well; nothing public tells what a connection has just answered.
  const { _httpMessage: request } = socket as { _httpMessage?: { res?: http.IncomingMessage | null } };
  const announced = /^timeout=(\d+)/.exec(String(request?.res?.headers['keep-alive']))?.[1];
  if (announced === undefined) return ttlMs ?? DEFAULT_TTL_MS;
  return Math.min(Number(announced) * 1000 - 1000, ttlMs ?? longestMs);
}
