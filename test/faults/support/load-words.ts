/** What became of requests of one kind. `cut`: the head had come, the rest not. */
export type Results = { whole: number; failed: number; cut: number };

/** What a crowd of clients has seen. */
export type CrowdFigures = Readonly<{
  /** Idempotent requests whose answers, and bodies, are small. */
  small: Results;
  /** Idempotent ones whose answer may have begun when its member dies. */
  downloads: Results;
  /** Idempotent ones with a body that is longer than what is kept by default. */
  uploads: Results;
  posts: Results;
  /** Messages of WebSockets that came back, handshakes that were refused, connections that were cut. */
  echoes: Results;
  /** Answers that were another's, or not as they should be. */
  wrong: readonly string[];
  /** The first of the small ones that failed, and how. */
  failures: readonly string[];
}>;

/** What a crowd is told. `pass`: to say when all that is under way has ended, and so many more were answered. */
export type CrowdOrder = Readonly<{ kind: 'pass'; more: number } | { kind: 'stop' }>;

/** What a crowd says. */
export type CrowdWord = Readonly<{ kind: 'passed' } | { kind: 'figures'; figures: CrowdFigures }>;

/** Members who serve so many at a time, each for so long: what they can do does not depend on the machine. */
export type PlacesPlan = Readonly<{
  members: number;
  places: number;
  serviceMs: number;
  /** Whoever finds no place waits for one, as at most servers, or is answered 503 with `Retry-After: 7`. */
  beyond: 'waits' | 'is refused';
}>;

/** What such members say: where they are; and, asked for it, what they have done since they were asked last. */
export type PlacesWord = Readonly<
  | { kind: 'listening'; ports: readonly number[] }
  | { kind: 'done'; executed: readonly string[]; refused: number; most: number }
>;

/** So many requests a second for so long. */
export type Phase = Readonly<{ perSecond: number; ms: number }>;

/** What became of the requests of a second, counted from when each was due. Times in milliseconds. */
export type Slice = Readonly<{
  accepted: number;
  acceptedP99Ms: number;
  refused: number;
  refusedP99Ms: number;
}>;

/** What became of requests at a fixed rate. */
export type RateReport = Readonly<{
  /** By phase, each second of it. */
  phases: readonly (readonly Slice[])[];
  /** Ids of requests, by what their clients were told: `200`, `503 ERR_…`, `503 ERR_… without Retry-After`, or a failure. */
  told: Readonly<Record<string, readonly string[]>>;
}>;
