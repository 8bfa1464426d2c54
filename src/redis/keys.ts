import { format } from './format.ts';

/** Where everything is kept. One hash tag, so that all of it is in one slot of a Cluster. */
export type Keys = Readonly<{
  format: string;
  /** A hash: key of a word to `stamp|until|json`. Each format has its own: nobody reads what another one means otherwise. */
  words: string;
  version: string;
  /** A sorted set: processes by when they are gone, if nothing is heard of them. */
  processes: string;
  lease(name: string): string;
  totals(process: string): string;
  /** The channel. */
  news: string;
}>;

export function nameKeys(prefix: string): Keys {
  const tag = `{${prefix}}`;
  return {
    format: `${tag}:format`,
    words: `${tag}:${format}:words`,
    version: `${tag}:version`,
    processes: `${tag}:processes`,
    lease: (name) => `${tag}:lease:${name}`,
    totals: (process) => `${tag}:totals:${process}`,
    news: `${tag}:news`,
  };
}
