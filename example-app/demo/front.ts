import { createServer } from 'node:http';
import express, { type ErrorRequestHandler } from 'express';
import { BalancerError, createBalancer, type Balancer } from 'express-proxy-balancer';
import { listen } from '../cluster/child.ts';
import { host } from '../cluster/ports.ts';
import type { Witnessed } from './why.ts';

/** The balancer of the demonstration. What httpd and other people count in minutes is seconds here. */
export function createDemoBalancer(urls: Readonly<Record<'app1' | 'app2' | 'app3', string>>) {
  return createBalancer({
    name: 'demo',
    stickysession: 'sessionid',
    routeregex: /!(.*)$/,
    lbmethod: 'byresponsetime',
    failoverOn: [500, 502, 503, 504],
    ejection: { consecutive: 3, rate: 0.3, window: '5s', minRequests: 10, time: '1s' },
    serverTiming: true,
    members: [
      { url: urls.app1, route: 'app1' },
      { url: urls.app2, route: 'app2' },
      { url: urls.app3, route: 'app3' },
    ],
    memberDefaults: {
      retry: '1s',
      retryMax: '2s',
      slowStart: '2s',
      hcmethod: 'GET',
      hcuri: '/healthz',
      hcinterval: '500ms',
    },
  });
}

/** Who is told of requests. */
export type Witness = Readonly<{
  /** One has come: is it worth a line although nothing happens to it? */
  takes(request: Pick<Witnessed, 'explanation' | 'members'>): boolean;
  /** One is over. */
  tell(request: Witnessed, isTaken: boolean): void;
}>;

/** Serves the balancer to the world. */
export async function startFront(
  balancer: Balancer,
  witness: Witness,
): Promise<Readonly<{ url: string; end(): Promise<void> }>> {
  const app = express();
  app.use((req, res, next) => {
    const { path } = req;
    const seen = { explanation: balancer.explain(req), members: balancer.view() };
    const isTaken = witness.takes(seen);
    res.once('finish', () => {
      const attempts = req.balancer?.attempts ?? [];
      witness.tell({ path, visitor: req.get('x-visitor'), attempts, ...seen }, isTaken);
    });
    next();
  });
  app.use(balancer);
  app.use(showError);
  const server = createServer(app);
  const port = await listen(server, 0);
  return {
    url: `http://${host}:${port}`,
    async end() {
      server.close();
      await balancer.close();
    },
  };
}

const showError: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (!(error instanceof BalancerError) || res.headersSent) next(error);
  else res.status(error.status).type('text').send(`${error.code}: ${error.message}\n`);
};
