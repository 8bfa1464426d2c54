import express, { Router, type RequestHandler } from 'express';
import { readField, refuseForeignForms } from './own-form.ts';

/** What is wrong with a backend: how much longer it takes, in milliseconds, and which share of requests it fails. */
export type Trouble = Readonly<{ slow: number; failing: number }>;

/**
 * Makes a backend slow or failing while it runs: `curl -d slow=300 -d failing=0.5 http://127.0.0.1:4001/trouble`.
 * What is not said is nothing, so `curl -X POST …/trouble` heals it.
 */
export function createTrouble(): Router {
  const router = Router();
  let trouble: Trouble = { slow: 0, failing: 0 };

  router.post('/trouble', refuseProxies, refuseForeignForms, express.urlencoded(), (req, res) => {
    trouble = { slow: readNumber(readField(req, 'slow')), failing: readNumber(readField(req, 'failing')) };
    res.type('text').send(`${trouble.slow} ms slower, ${Math.round(100 * trouble.failing)} % fail\n`);
  });

  router.use((req, res, next) => {
    const { slow, failing } = trouble;
    const answer = (): void => {
      if (Math.random() >= failing) next();
      else if (Math.random() < 0.5) res.status(500).type('text').send('This backend is in trouble.\n');
      else req.socket.resetAndDestroy();
    };
    if (slow > 0) setTimeout(answer, slow);
    else answer();
  });
  return router;
}

/** Who comes through the front is a visitor, and has no business here. */
const refuseProxies: RequestHandler = (req, _res, next) => {
  next(req.headers['x-forwarded-for'] === undefined ? undefined : 'router');
};

function readNumber(text: string): number {
  const number = Number(text);
  return number > 0 && number <= 60_000 ? number : 0;
}
