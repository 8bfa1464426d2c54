import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Random } from '../../support/seeded-random.ts';

/** How a network is between a balancer and a member; what is left out is as it should be. */
export type Weather = Readonly<{
  /** How long each piece is on its way, one way, in milliseconds. */
  latencyMs?: number;
  /** The most bytes a second, each way. */
  bytesPerSecond?: number;
  /** Pieces that are lost and sent again, in percent: each of them takes `resentAfterMs` longer. */
  lostPercent?: number;
  /** Default: 200, what Linux waits at least before it sends again. */
  resentAfterMs?: number;
  /** Nothing gets through, either way, and nobody is told: a cable that was cut. New connections open and are as mute. */
  isCut?: boolean;
  /** New connections are reset. */
  isRefusing?: boolean;
  /** A connection is reset once the member has sent so many bytes on it. */
  resetAfterBytes?: number;
}>;

/** A relay of bytes in front of a member. */
export type Link = Readonly<{
  port: number;
  url: string;
  /** From the next piece on. What a cut has held back goes on its way once it is mended. */
  set(weather: Weather): void;
  /** Connections that are open now. */
  connections(): number;
  /** Resets every connection that is open. */
  resetAll(): void;
}>;

type Running = Link & Readonly<{ stop(): Promise<void> }>;

const running: Running[] = [];

/** Takes down every link that a test has made; call it in `afterEach`, before what is left is looked for. */
export async function stopLinks(): Promise<void> {
  await Promise.all(running.splice(0).map((link) => link.stop()));
}

/** Starts a link to a port of this machine. */
export async function startLink(to: number, first: Weather = {}, random?: Random): Promise<Link> {
  let weather = first;
  const sockets = new Set<Socket>();
  const mended = new Set<() => void>();
  const timers = new Set<NodeJS.Timeout>();

  const later = (ms: number, then: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      then();
    }, ms);
    timers.add(timer);
  };

  /** One direction: a piece at a time, so that nothing overtakes. */
  const carry = (from: Socket, onto: Socket, isAnswer: boolean): void => {
    let carried = 0;
    let isUnderway = false;
    /** Its end, which overtakes nothing either. */
    let ending: (() => unknown) | undefined;
    const arrive = (): void => {
      isUnderway = false;
      if (ending) ending();
      else from.resume();
    };
    const pass = (chunk: Buffer): void => {
      const { isCut, latencyMs = 0, bytesPerSecond = Infinity, lostPercent = 0 } = weather;
      if (isCut) {
        mended.add(() => {
          pass(chunk);
        });
        return;
      }
      const resentMs = random?.happens(lostPercent) ? (weather.resentAfterMs ?? 200) : 0;
      const delayMs = latencyMs + resentMs + (1_000 * chunk.length) / bytesPerSecond;
      const write = (): void => {
        if (onto.destroyed) return;
        const { resetAfterBytes = Infinity } = weather;
        const left = isAnswer ? resetAfterBytes - carried : Infinity;
        carried += chunk.length;
        if (chunk.length < left) {
          onto.write(chunk, arrive);
        } else {
          onto.write(chunk.subarray(0, left), () => {
            onto.resetAndDestroy();
            from.resetAndDestroy();
          });
        }
      };
      if (delayMs === 0) write();
      else later(delayMs, write);
    };
    from.on('data', (chunk: Buffer) => {
      from.pause();
      isUnderway = true;
      pass(chunk);
    });
    from.on('end', () => {
      const end = (): unknown => (weather.isCut ? mended.add(end) : onto.end());
      if (isUnderway) ending = end;
      else end();
    });
    from.on('close', () => {
      // Who hears nothing does not hear of an end either.
      const end = (): unknown => (weather.isCut ? mended.add(end) : onto.destroy());
      if (from.errored || !from.readableEnded) end();
    });
  };

  const server = createServer({ allowHalfOpen: true }, (client) => {
    if (weather.isRefusing) {
      client.resetAndDestroy();
      return;
    }
    const member = connect({ port: to, host: '127.0.0.1', allowHalfOpen: true });
    for (const socket of [client, member]) {
      socket.setNoDelay(true);
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.once('close', () => sockets.delete(socket));
    }
    carry(client, member, false);
    carry(member, client, true);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const link: Running = {
    port,
    url: `http://127.0.0.1:${port}`,
    set(next) {
      weather = next;
      if (next.isCut) return;
      const held = [...mended];
      mended.clear();
      for (const go of held) go();
    },
    connections: () => Math.ceil(sockets.size / 2),
    resetAll() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    async stop() {
      for (const timer of timers) clearTimeout(timer);
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
  running.push(link);
  return link;
}
