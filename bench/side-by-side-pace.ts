import type { Workload } from './workloads/workload.ts';

/** How long a workload is measured, and how closely. */
export type Pace = Readonly<{
  /** Each proxy before anything counts; 0: not at all. */
  warmMs: number;
  /** Each proxy in a round. */
  roundMs: number;
  leastRounds: number;
  mostRounds: number;
  /** No round begins later than this after the workload. */
  roundsUntilMs: number;
  /** Each proxy at a fixed rate. */
  rateMs: number;
  rateRounds: number;
  /** At a fixed rate: all of them, or only ours and the floor. */
  rates: 'all' | 'compared';
}>;

export type Speed = 'full' | 'quick' | 'smoke';

const smoke: Pace = {
  warmMs: 100,
  roundMs: 200,
  leastRounds: 1,
  mostRounds: 1,
  roundsUntilMs: 0,
  rateMs: 200,
  rateRounds: 1,
  rates: 'compared',
};

/** In under a minute, start and end included. */
const quick: Pace = {
  warmMs: 2_000,
  roundMs: 700,
  leastRounds: 2,
  mostRounds: 5,
  roundsUntilMs: 30_000,
  rateMs: 1_500,
  rateRounds: 2,
  rates: 'compared',
};

const full: Pace = {
  warmMs: 1_000,
  roundMs: 1_000,
  leastRounds: 1,
  mostRounds: 3,
  roundsUntilMs: 40_000,
  rateMs: 1_000,
  rateRounds: 1,
  rates: 'all',
};

/** That which most of the targets are about. */
const thorough: Pace = {
  ...full,
  warmMs: 2_000,
  roundMs: 2_000,
  mostRounds: 5,
  roundsUntilMs: 120_000,
  rateMs: 2_000,
  rateRounds: 2,
};

export function choosePace(speed: Speed, { name, once = false }: Workload): Pace {
  const pace = pick(speed, name);
  return once ? { ...pace, warmMs: 0, mostRounds: 1 } : pace;
}

function pick(speed: Speed, workload: string): Pace {
  switch (speed) {
    case 'smoke':
      return smoke;
    case 'quick':
      return quick;
    case 'full':
      return workload === 'small' ? thorough : full;
  }
}
