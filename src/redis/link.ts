import { createClient } from 'redis';
import { isReady, tellError, type AnyClient } from './client.ts';
import { connectAtLast } from './connect-at-last.ts';
import { createEar, destroy, ignore, ownPingInterval, ownSocket, type Ear } from './ear.ts';
import type { Script } from './scripts.ts';

/** How Redis is reached: by a client of the app, or by a URL. */
export type Way = Readonly<{ client: AnyClient } | { url: string }>;

/** The connections to Redis. */
export type Link = Readonly<{
  /** Begins to connect, where nobody has. */
  open(): void;
  /** Begins to listen, where that can be done and has not been. */
  listen(): void;
  /** Whether a command would be sent now. */
  isReady(): boolean;
  /** Whether the channel is heard. */
  isListening(): boolean;
  /** What went wrong last, while nothing can be sent. */
  fault(): string | undefined;
  run(script: Script, keys: readonly string[], values: readonly string[]): Promise<unknown>;
  /** Listens anew: nothing is heard any more. */
  listenAnew(): void;
  /** Ends our own connections, and leaves the app's client as it was. */
  close(): Promise<void>;
}>;

/** Who is told what happens to the connections. */
export type LinkListener = Readonly<{
  /** Connected, or not any more: `isReady` and `fault` say. */
  changed(): void;
  heard(text: string): void;
}>;

export function createLink(way: Way, channel: string, listener: LinkListener): Link {
  const isOwn = 'url' in way;
  const client = isOwn ? connectOwn(way.url) : way.client;
  // An app's client may give Buffers and Maps.
  const plain = client.withTypeMapping({});
  let ear: Ear | undefined;
  let giveUp: (() => void) | undefined;
  let fault: string | undefined;
  let isClosed = false;

  function hear(text: string): void {
    if (!isClosed) listener.heard(text);
  }
  function fail(error: unknown): void {
    fault = tellError(error);
    if (!isClosed) listener.changed();
  }
  function change(): void {
    fault = undefined;
    if (!isClosed) listener.changed();
  }

  return {
    open() {
      client.on('error', fail);
      client.on('ready', change);
      if (!client.isOpen) giveUp = connectAtLast(client, change, fail);
    },
    listen() {
      // A Cluster or Sentinel client finds out where to listen only when it is connected.
      if (isReady(client)) ear ??= createEar(client, channel, hear, change);
    },
    isReady: () => isReady(client),
    isListening: () => ear?.isListening() ?? false,
    fault: () => fault,
    async run(script, keys, values) {
      const given = { keys: [...keys], arguments: [...values] };
      try {
        return await plain.evalSha(script.sha, given);
      } catch (error) {
        // Redis does not know it yet, or no more.
        if (!tellError(error).startsWith('NOSCRIPT')) throw error;
        return plain.eval(script.text, given);
      }
    },
    listenAnew() {
      const old = ear;
      ear = undefined;
      void old?.close();
    },
    async close() {
      isClosed = true;
      giveUp?.();
      await ear?.close();
      if (isOwn) {
        await destroy(client);
      } else {
        client.off('error', fail);
        client.off('ready', change);
      }
    },
  };
}

function connectOwn(url: string): AnyClient {
  const client: unknown = createClient({
    url,
    // What cannot be sent now is told anew when it can be.
    disableOfflineQueue: true,
    pingInterval: ownPingInterval,
    // It writes host, port and TLS of the URL into it.
    socket: { ...ownSocket },
  });
  const own = client as AnyClient;
  // Where it is ended while it connects nobody else listens.
  own.on('error', ignore);
  return own;
}
