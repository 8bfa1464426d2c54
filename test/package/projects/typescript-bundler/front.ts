import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler } from 'express';
import { register } from 'prom-client';
import { attachUpgrades, BalancerError } from 'express-proxy-balancer';
import { createManager } from 'express-proxy-balancer/manager';
import { registerMetrics } from 'express-proxy-balancer/metrics';
import { balancer } from './balancer';

registerMetrics(register, [balancer]);

const app = express();
app.use('/manager', createManager({ authorize: 'loopback-only' }));
app.get('/metrics', async (_req, res) => {
  res.type(register.contentType).send(await register.metrics());
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
