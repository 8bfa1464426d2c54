import http from 'node:http';
import https from 'node:https';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { MemberSettings } from '../../definition/settings.ts';
import { hearOut } from '../hear-out.ts';
import { createIdleLimit } from './idle-limit.ts';

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
        const unheard = socket instanceof Socket ? hearOut(socket) : undefined;
        socket.once('close', () => {
          forget(socket);
        });
        // It has been upgraded, and is somebody else's from now on.
        socket.once('agentRemove', () => {
          unheard?.();
          forget(socket);
        });
      }
      return socket;
    };

    const limitIdle = createIdleLimit(agent, member);
    agent.keepSocketAlive = (socket) => !isRetired && limitIdle(socket);
    if (member.protocol === 'http:') agent.getName = rememberName(agent);
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

/** `getName` of an agent for http, which is asked three times a request, mostly for one and the same member. */
function rememberName(agent: http.Agent): http.Agent['getName'] {
  const getName = agent.getName.bind(agent);
  let known: Parameters<typeof getName>[0];
  let name = '';
  return (options = {}) => {
    const { host, port, localAddress, family, socketPath } = options;
    const isKnown =
      known !== undefined &&
      known.host === host &&
      known.port === port &&
      known.localAddress === localAddress &&
      known.family === family &&
      known.socketPath === socketPath;
    if (!isKnown) {
      name = getName(options);
      known = { host, port, localAddress, family, socketPath };
    }
    return name;
  };
}
