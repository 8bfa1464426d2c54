import { createServer } from 'node:http';
import express, { type ErrorRequestHandler } from 'express';
import { BalancerError, type Balancer, type BalancerDefinition } from 'express-proxy-balancer';
import { listen } from '../cluster/child.ts';
import { host } from '../cluster/ports.ts';
import type { BackendName, Cluster } from './cluster.ts';
import type { Witnessed } from './why.ts';

/** The balancer of the demonstration. What httpd and other people count in minutes is seconds here. */
export function define(cluster: Cluster, names: readonly BackendName[]) {
  return {
    name: 'demo',
    stickysession: 'sessionid',
    routeregex: /!(.*)$/,
    lbmethod: 'byresponsetime',
    failoverOn: [500, 502, 503, 504],
    ejection: { consecutive: 3, rate: 0.3, window: '5s', minRequests: 10, time: '1s' },
    serverTiming: true,
    members: names.map((name) => ({ url: cluster.urlOf(name), route: name })),
    memberDefaults: {
      retry: '1s',
      retryMax: '2s',
      slowStart: '2s',
      hcmethod: 'GET',
      hcuri: '/healthz',
      hcinterval: '500ms',
    },
  } satisfies BalancerDefinition;
}

/** Who is told of each request when it comes; what is returned is told when it is over. */
export type Witness = (request: Pick<Witnessed, 'explanation' | 'members'>) => (request: Witnessed) => void;

/** Serves the balancer to the world. */
export async function startFront(
  balancer: Balancer,
  witness: Witness,
): Promise<Readonly<{ url: string; end(): Promise<void> }>> {
  const app = express();
  app.use((req, res, next) => {
    const { path } = req;
    const seen = { explanation: balancer.explain(req), members: balancer.view() };
    const end = witness(seen);
    res.once('close', () => {
      end({ path, visitor: req.get('x-visitor'), attempts: req.balancer?.attempts ?? [], ...seen });
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
