import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler } from 'express';
import { register } from 'prom-client';
import {
  attachUpgrades,
  BalancerError,
  createBalancer,
  type Balancer,
  type BalancerFacts,
} from 'express-proxy-balancer';
import { createManager } from 'express-proxy-balancer/manager';
import { registerMetrics } from 'express-proxy-balancer/metrics';

const [port1 = '', port2 = ''] = (process.env['MEMBERS'] ?? '').match(/\d+(?= |$)/g) ?? [];

const balancer = createBalancer({
  stickysession: 'session',
  members: [
    { url: `http://127.0.0.1:${port1}`, route: 'app1' },
    { url: `http://127.0.0.1:${port2}`, route: 'app2' },
  ],
});
registerMetrics(register, [balancer]);

// Members are known by name: there is no app3.
balancer.change('app1', { loadfactor: 1 });
// @ts-expect-error
const changeAnother = (): void => balancer.change('app3', { loadfactor: 2 });
const any: Balancer = balancer;
console.log(
  any
    .view()
    .map(({ name }) => name)
    .join(' '),
  typeof changeAnother,
);

const app = express();
app.use('/manager', createManager({ authorize: 'loopback-only' }));
app.get('/metrics', async (_req, res) => {
  res.type(register.contentType).send(await register.metrics());
});
app.use((req, res, next) => {
  res.on('finish', () => {
    const facts: BalancerFacts | undefined = req.balancer;
    if (facts !== undefined) console.log(facts.attempts.map(({ outcome }) => outcome).join(' '));
  });
  next();
});
app.use(balancer);
const showError: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (!(error instanceof BalancerError)) {
    next(error);
    return;
  }
  res.status(error.status).json({ page: "the app's", code: error.code });
};
app.use(showError);

const server = createServer(app).listen(0, '127.0.0.1', () => {
  console.log(`listening on ${(server.address() as AddressInfo).port}`);
});
attachUpgrades(server, app);

process.once('SIGTERM', () => {
  server.close();
  void balancer.close({ grace: '5s' }).then(() => {
    server.closeIdleConnections();
  });
});
