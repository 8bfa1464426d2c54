import { chance } from '../clock.ts';
import { isReady, isStandalone, type AnyClient } from './client.ts';

/** What hears the channel. */
export type Ear = Readonly<{
  isListening(): boolean;
  /** Ends it; waits for nobody. */
  close(): Promise<void>;
}>;

/** How connections of our own find out that the network is cut, and come back. */
export const ownSocket = Object.freeze({
  connectTimeout: 3_000,
  keepAlive: true,
  keepAliveInitialDelay: 5_000,
  // Pings go out once a second, so that this long a silence is a cut.
  socketTimeout: 5_000,
  reconnectStrategy,
});

export const ownPingInterval = 1_000;

/** Half of it is chance, so that processes do not come back all at once. */
export function reconnectStrategy(retries: number): number {
  const most = Math.min(100 * 2 ** Math.min(retries, 10), 2_000);
  return most / 2 + (most / 2) * chance.draw();
}

/** Sentinel and Cluster clients have connections of their own for it; beside a standalone client a second one listens. */
export function createEar(
  client: AnyClient,
  channel: string,
  hear: (text: string) => void,
  onListening: () => void,
): Ear {
  const listen = isStandalone(client) ? listenBeside : listenOn;
  return listen(client, channel, hear, onListening);
}

function listenBeside(...[client, channel, hear, onListening]: Parameters<typeof createEar>): Ear {
  const own = client.duplicate({
    socket: { ...client.options?.socket, ...ownSocket },
    pingInterval: ownPingInterval,
    disableOfflineQueue: false,
  });
  let isSubscribed = false;
  // It comes back by itself; the first client tells what is wrong.
  own.on('error', ignore);
  own.on('ready', onListening);
  own
    .connect()
    .then(() => own.subscribe(channel, hear))
    .then(() => {
      isSubscribed = true;
      onListening();
    })
    .catch(ignore);
  return {
    isListening: () => isSubscribed && isReady(own),
    close() {
      isSubscribed = false;
      return destroy(own);
    },
  };
}

function listenOn(...[client, channel, hear, onListening]: Parameters<typeof createEar>): Ear {
  let isSubscribed = false;
  let isClosed = false;
  // The client tells listeners apart by the function: that of the ear which comes next must not be taken off with it.
  const own = (text: string): void => {
    if (!isClosed) hear(text);
  };
  const subscribing = client.subscribe(channel, own).then(() => {
    isSubscribed = !isClosed;
    onListening();
  }, ignore);
  return {
    isListening: () => isSubscribed,
    async close() {
      isClosed = true;
      isSubscribed = false;
      await subscribing;
      await client.unsubscribe(channel, own).catch(ignore);
    },
  };
}

/** Ends a client of our own. One that was never connected is ended too. */
export async function destroy(client: AnyClient): Promise<void> {
  try {
    await client.destroy();
  } catch {
    // Version 5 complains where nothing is open.
  }
}

export function ignore(): void {
  // Whoever calls this is told otherwise, or need not know.
}
