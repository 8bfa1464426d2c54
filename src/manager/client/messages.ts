/** A text that moves, as it comes: `[text, kind]`. */
export type PackedCell = readonly [text: string, kind?: string];

/** Event `hello`: what each connection begins with. */
export type Hello = Readonly<{
  /** For forms. */
  token: string;
  /** Where the manager's times of day are from: `Europe/Berlin`. */
  zone: string;
}>;

/** Event `state`: everything at first, then what is different. */
export type State = Readonly<{
  at: number;
  parts?: Readonly<Record<string, string>>;
  order?: Readonly<Record<string, readonly string[]>>;
  cells?: Readonly<Record<string, PackedCell>>;
}>;

/** Event `point`: of each member its rate, p50 and p95. */
export type Point = Readonly<{
  at: number;
  balancers: Readonly<Record<string, Readonly<Record<string, readonly (number | null)[]>>>>;
}>;

/** Figures of one member over time. */
export type Lines = Readonly<Record<'rate' | 'p50' | 'p95', readonly (number | null)[]>>;

/** What `GET /api/history` gives. */
export type History = Readonly<{
  stepMs: number;
  at: readonly number[];
  balancers: Readonly<Record<string, Readonly<Record<string, Lines>>>>;
}>;
