import { createServer } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import express, { type Express } from 'express';
import { createBalancer } from '../src/index.ts';
import { questions, type Orders } from './growth-orders.ts';
import { listen } from './peers/programs/listening.ts';

/* The process whose growth is looked at; run with `--expose-gc`. */

const app = buildApp(JSON.parse(process.argv[2]!) as Orders);
/** What is not to be collected. */
const kept: unknown[] = [];

await listen(
  createServer((req, res) => {
    const { url } = req;
    if (!url?.startsWith(questions)) {
      app(req, res);
      return;
    }
    const [question, count] = url.slice(questions.length).split('/');
    void (question === 'idle' ? weighIdle(Number(count)) : readUsed()).then((figure) => {
      res.end(`${figure}`);
    });
  }),
);

function buildApp(orders: Orders): Express {
  const app = express().disable('x-powered-by');
  switch (orders.kind) {
    case 'members':
      return app.use(buildBalancer(orders.members));
    case 'balancers':
      for (let i = 0; i < orders.count; i += 1) app.use(`/${i}`, buildBalancer(orders.members));
      return app;
    case 'handlers':
      for (let i = 0; i < orders.count; i += 1) {
        app.use(`/${i}`, (_req, res) => {
          res.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': 2 }).end('ok');
        });
      }
      return app;
  }
}

function buildBalancer(members: readonly string[]) {
  return createBalancer({
    members: members.map((url, i) => ({ url, route: `r${i}` })),
    stickysession: 'sid',
    logger: false,
  });
}

async function readUsed(): Promise<number> {
  // What is told that something is unused lets go of more.
  for (let i = 0; i < 4; i += 1) {
    globalThis.gc!();
    await setImmediate();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function weighIdle(count: number): Promise<number> {
  const urls = Array.from({ length: count }, (_, i) => `http://10.0.0.1:80/${i}`);
  // The code is there before anything is weighed.
  kept.push(buildBalancer(urls.slice(0, 2)));
  const before = await readUsed();
  kept.push(buildBalancer(urls.slice(0, 1)));
  const one = await readUsed();
  kept.push(buildBalancer(urls));
  return ((await readUsed()) - one - (one - before)) / (count - 1);
}
