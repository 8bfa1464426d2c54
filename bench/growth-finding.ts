/** How something has grown. */
export type Finding = Readonly<{
  what: string;
  figure: number;
  /** Of the figure: `×`, `KiB`, … */
  unit: string;
  /** What it is to be at most; undefined: it is only told. */
  most?: number;
  /** What the figure was made of, for people. */
  of?: string;
}>;

/** How long each part is to take. */
export type Effort = Readonly<{ isSmoke: boolean; rounds: number; roundMs: number }>;

/** The table's line of a finding. */
export function tellFinding({ what, figure, unit, most, of = '' }: Finding): string {
  const target = most === undefined ? '' : `${most} ${unit}`;
  const verdict = most === undefined ? '' : figure <= most ? 'met' : 'missed';
  return `| ${what} | ${figure.toFixed(2)} ${unit} | ${target} | ${verdict} | ${of} |`;
}
