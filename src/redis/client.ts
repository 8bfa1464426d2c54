/**
 * A client of the package `redis`, version 5 or 6: what `createClient`, `createSentinel` or `createCluster` has returned. Only
 * what is used of it is asked for, so that either version fits.
 */
export type RedisClient = Readonly<{
  /** Whether it is connected, or about to be. Where it is not, `redisState` connects it. */
  isOpen: boolean;
  /** Connects it. */
  connect(): Promise<unknown>;
  /** EVAL. */
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  /** EVALSHA. */
  evalSha(sha: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  /** SUBSCRIBE. */
  subscribe(channel: string, listener: (text: string) => void): Promise<unknown>;
}>;

/** The same, with what the three kinds do not have alike. */
export type AnyClient = RedisClient &
  Readonly<{
    /** A Cluster client of version 5 has none. */
    isReady?: boolean;
    /** There on a standalone client only. */
    isPubSubActive?: boolean;
    options?: Readonly<{ socket?: object }>;
    withTypeMapping(mapping: object): AnyClient;
    /** Of a standalone client only. */
    duplicate(overrides: object): AnyClient;
    unsubscribe(channel: string, listener: (text: string) => void): Promise<unknown>;
    on(event: string, listener: (value: unknown) => void): unknown;
    off(event: string, listener: (value: unknown) => void): unknown;
    destroy(): unknown;
  }>;

const methods = ['connect', 'eval', 'evalSha', 'subscribe', 'unsubscribe', 'on', 'off', 'withTypeMapping'];

/** Whether this is such a client. */
export function isClient(value: unknown): value is AnyClient {
  if (typeof value !== 'object' || value === null) return false;
  try {
    const client = value as Readonly<Record<string, unknown>>;
    // A Sentinel client of version 5 cannot be duplicated, and need not be.
    const names = 'isPubSubActive' in client ? [...methods, 'duplicate'] : methods;
    return typeof client['isOpen'] === 'boolean' && names.every((name) => typeof client[name] === 'function');
  } catch {
    return false;
  }
}

/** Whether it speaks with one server, so that once it listens it does nothing else (with RESP 2). */
export function isStandalone(client: AnyClient): boolean {
  return 'isPubSubActive' in client;
}

export function isReady(client: AnyClient): boolean {
  return client.isOpen && (client.isReady ?? true);
}

/** What went wrong, in a few words that can be shown. */
export function tellError(error: unknown): string {
  // Not by instanceof: it may come from another realm.
  const { errors, message, name } = Object(error) as Readonly<Record<string, unknown>>;
  // Of several addresses that were tried the first says enough.
  if (Array.isArray(errors) && errors.length > 0) return tellError(errors[0]);
  const text = [message, name].find((each) => typeof each === 'string' && each !== '') ?? error;
  return (
    String(text)
      // Where in a script of ours it was helps nobody.
      .replace(/ script: [\da-f]{40}, on @user_script:\d+\.?$/, '')
      .replace(/\/\/[^/\s]*@/g, '//…@')
      .replace(/[^\x20-\x7e]+/g, ' ')
      .slice(0, 200)
  );
}
