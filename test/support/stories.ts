import type { IncomingMessage } from 'node:http';
import type { BalancerDefinition, MemberSnapshot } from '../../src/index.ts';
import { startFront, type Front, type FrontOptions } from './front.ts';

/** A front that tells what became of its requests. */
export type ToldFront = Front &
  Readonly<{
    /** One line for each request, in the order in which they came: `a connect ECONNREFUSED, b answered 200`. */
    stories: () => readonly string[];
    /** The member of this name: its route, or else its URL. */
    member: (name: string) => MemberSnapshot;
  }>;

/** Starts a front that remembers its requests. */
export async function startToldFront(
  definition: BalancerDefinition,
  options: FrontOptions = {},
): Promise<ToldFront> {
  const requests: IncomingMessage[] = [];
  const front = await startFront(definition, {
    ...options,
    before(app) {
      app.use((req, _res, next) => {
        requests.push(req);
        next();
      });
      options.before?.(app);
    },
  });
  return {
    ...front,
    stories: () => requests.map(tellStory),
    member(name) {
      const member = front.balancer.view().find((each) => each.name === name);
      if (!member) throw new Error(`no member ${name}`);
      return member;
    },
  };
}

/** What `req.balancer.attempts` says, in a line: each member, `again` if it is that, how it ended, with what. */
function tellStory({ balancer }: IncomingMessage): string {
  const attempts = balancer?.attempts ?? [];
  return attempts
    .map(({ name, reason, outcome, status, code }) =>
      [name, ...(reason === 'again' ? [reason] : []), outcome, status ?? code].filter(Boolean).join(' '),
    )
    .join(', ');
}
