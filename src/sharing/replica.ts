import type { Entry } from './hub.ts';

/** Hears a word of another process that is later than what was known. `value`: its JSON, read; nothing of it is checked yet. */
export type NewsListener = (entry: Entry, value: unknown) => void;

/** Everything that was said, the last word on each thing: what other processes have is the same, sooner or later. */
export type Replica = Readonly<{
  /**
   * Says a word here, which is the last one: it is kept and told. `value`: JSON. `until`: when nobody needs it any more, in
   * milliseconds since 1970; Infinity: while anybody shares.
   */
  say(key: string, value: unknown, until?: number): Entry;
  /** The last word on a thing. */
  get(key: string): Entry | undefined;
  /** The last words on all things whose key begins so. */
  list(prefix: string): readonly Entry[];
  /** Is called for news on things whose key begins so, in the order of their stamps. Returns how to call it off. */
  onNews(prefix: string, listener: NewsListener): () => void;
}>;

/** The key of a thing: of one balancer, `error/app-balancer/http:%2F%2Fapp1`. */
export function writeKey(kind: string, ...names: readonly string[]): string {
  return [kind, ...names.map(encodeURIComponent)].join('/');
}
