import type { RequestHandler } from 'express';
import { appBalancer } from './balancers.ts';

/** Who would serve this visitor now, and why nobody else: nothing is sent to a backend. */
export const showWhy: RequestHandler = (req, res) => {
  const { text, members } = appBalancer.explain(req);
  const lines = members.map(({ name, text: why }) => `  ${name}: ${why}`);
  res.type('text').send(`${[`You would get ${text}`, ...lines].join('\n')}\n`);
};
