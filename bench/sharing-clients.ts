import { connect, type Socket } from 'node:net';

/** Clients on connections that are kept. */
export type Clients = Readonly<{
  /** All of them ask, each one request after the other, until so much time is over; tells how many were answered. */
  ask(path: string, ms: number, betweenMs?: number): Promise<number>;
  close(): void;
}>;

type Client = Readonly<{ ask(path: string): Promise<undefined>; close(): void }>;

export async function openClients(port: number, count: number): Promise<Clients> {
  const clients = await Promise.all(Array.from({ length: count }, () => openClient(port)));
  return {
    async ask(path, ms, betweenMs = 0) {
      const until = performance.now() + ms;
      const counts = await Promise.all(
        clients.map(async (client) => {
          let answered = 0;
          do {
            await client.ask(path);
            answered += 1;
            if (betweenMs > 0) await new Promise((resolve) => setTimeout(resolve, betweenMs));
          } while (performance.now() < until);
          return answered;
        }),
      );
      return counts.reduce((sum, one) => sum + one, 0);
    },
    close() {
      for (const client of clients) client.close();
    },
  };
}

async function openClient(port: number): Promise<Client> {
  const opened = Promise.withResolvers<Socket>();
  const socket = connect(port, '127.0.0.1', () => {
    opened.resolve(socket);
  }).setNoDelay(true);
  let waiting: PromiseWithResolvers<undefined> | undefined;
  let text = '';
  socket.on('error', (error) => {
    opened.reject(error);
    waiting?.reject(error);
  });
  socket.on('close', () => waiting?.reject(new Error('the proxy has closed a connection')));
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    if (!text.endsWith('\r\n\r\nok')) return;
    if (text.startsWith('HTTP/1.1 200')) waiting?.resolve(undefined);
    else waiting?.reject(new Error(`the proxy answers ${text.slice(0, 100)}`));
    text = '';
  });
  await opened.promise;
  return {
    ask(path) {
      waiting = Promise.withResolvers<undefined>();
      socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
      return waiting.promise;
    },
    close() {
      waiting = undefined;
      socket.destroy();
    },
  };
}
