import type { RequestHandler } from 'express';
import type { MemberSnapshot } from 'express-proxy-balancer';
import { appBalancer } from './balancers.ts';

/** Who would serve this visitor now, and why nobody else: nothing is sent to a backend. */
export const showWhy: RequestHandler = (req, res) => {
  const { text, members } = appBalancer.explain(req);
  const view = appBalancer.view();
  const lines = members.map(({ name, why, text: reason }) => {
    // The method tells its figures itself.
    const isTold = why === 'method' || why === 'not-preferred';
    const member = isTold ? undefined : view.find((each) => each.name === name);
    return `  ${name}: ${reason}${member === undefined ? '' : ` (${tellFigures(member)})`}`;
  });
  res.type('text').send(`${[`You would get ${text}`, ...lines].join('\n')}\n`);
};

/** How long it is expected to take, and how many requests it has. */
function tellFigures({ responseMs, busy }: MemberSnapshot): string {
  const time = responseMs === undefined ? 'no answer yet' : `${Math.round(responseMs)} ms`;
  return `${time}, ${busy} under way`;
}
