/** What a front tells of itself when nobody is connected to it. */
export type Measured = Readonly<{
  connections: number;
  busy: number;
  /** Attempts at members so far. */
  elected: number;
  heapBytes: number;
  bufferBytes: number;
  rssBytes: number;
  descriptors: number;
  /** Of Node's active resources: kind and count. */
  resources: Readonly<Record<string, number>>;
  /** Of the process and the server. */
  listeners: number;
  /** Errors that reached the app, by code. */
  codes: Readonly<Record<string, number>>;
  warnings: readonly string[];
  unforeseen: readonly string[];
}>;

/** What a front says to who has started it. */
export type FrontWord = Readonly<
  { kind: 'listening'; port: number } | { kind: 'measured'; measured: Measured }
>;
