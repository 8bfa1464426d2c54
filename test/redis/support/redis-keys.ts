import { createClient } from 'redis';

/** Where a test itself reaches Redis. */
export type RedisDoor = Readonly<{ url: string } | { socketPath: string }>;

/** A key of Redis, and how long it is still there: below 0 for ever. */
export type RedisKey = Readonly<{ key: string; ttlMs: number }>;

/** Every key that Redis has. */
export async function listKeys(door: RedisDoor): Promise<readonly RedisKey[]> {
  return withClient(door, async (client) => {
    const keys = await client.keys('*');
    return Promise.all(keys.map(async (key) => ({ key, ttlMs: await client.pTTL(key) })));
  });
}

/** Takes all of them away. */
export async function flushKeys(door: RedisDoor): Promise<void> {
  await withClient(door, (client) => client.flushAll());
}

/** What is used of a client here. */
type Client = Readonly<{
  keys(pattern: string): Promise<readonly string[]>;
  pTTL(key: string): Promise<number>;
  flushAll(): Promise<unknown>;
}>;

async function withClient<Result>(
  door: RedisDoor,
  use: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client =
    'url' in door
      ? createClient({ url: door.url })
      : createClient({ socket: { path: door.socketPath, tls: false } });
  // What fails is told by the command.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await use(client);
  } finally {
    client.destroy();
  }
}
