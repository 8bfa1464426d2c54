import { tellAttempts, type Witnessed } from './why.ts';

/** Which requests are worth a line. */
export type Samples = Readonly<{
  /** Another step begins. */
  begin(): void;
  /** Asked of each request when it comes. */
  takes(request: Pick<Witnessed, 'explanation' | 'members'>): boolean;
  /** Asked of each that was sent more than once, when it is over. */
  takesFailover(request: Pick<Witnessed, 'attempts'>): boolean;
}>;

/** How many requests of a step have come when the next one is told of. */
const turns = [60, 200, 350];

/** How often the same failover is told of in a step. */
const mostAlike = 2;

/** Takes the first request of each situation, for each member that a session is bound to and for the others; and some between. */
export function createSamples(): Samples {
  const seen = new Set<string>();
  const alike = new Map<string, number>();
  let count = 0;
  let next = 0;
  return {
    begin() {
      alike.clear();
      count = 0;
      next = 0;
    },
    takes({ explanation, members }) {
      count += 1;
      const bound = explanation.members.find(({ why }) => why === 'route')?.name ?? 'nobody';
      const situation = [bound, ...members.map(({ name, status }) => name + status)].join();
      const isNew = !seen.has(situation);
      seen.add(situation);
      const isDue = bound === 'nobody' && count >= (turns[next] ?? Infinity);
      if (isDue) next += 1;
      return isNew || isDue;
    },
    takesFailover({ attempts }) {
      const kind = tellAttempts(attempts);
      const known = alike.get(kind) ?? 0;
      alike.set(kind, known + 1);
      return known < mostAlike;
    },
  };
}
