// The front: an Express app with three balancers.
import { createServer } from 'node:http';
import express from 'express';
import { attachUpgrades } from 'express-proxy-balancer';
import { createManager } from 'express-proxy-balancer/manager';
import { registerMetrics } from 'express-proxy-balancer/metrics';
import { Registry } from 'prom-client';
import { followParent, listen } from './cluster/child.ts';
import { portOf } from './cluster/ports.ts';
import { appBalancer, classicBalancer, staticBalancer } from './front/balancers.ts';
import { showBalancerError } from './front/error-page.ts';
import { createLogin, operatorOf } from './front/login.ts';
import { logRequests } from './front/request-log.ts';
import { logStates } from './front/state-log.ts';
import { showWhy } from './front/why.ts';

followParent();

const balancers = [staticBalancer, classicBalancer, appBalancer];
for (const balancer of balancers) logStates(balancer);

const manager = createManager({ balancers, authorize: operatorOf, title: 'The forum’s balancers' });
const registry = new Registry();
registerMetrics(registry, balancers);

const app = express();
app.disable('x-powered-by');
app.use(logRequests);
app.use('/static', staticBalancer);
app.get('/classic', (req, res, next) => {
  // The forum's links are relative: without the slash they would lead out of the mount path.
  if (req.path === '/classic') res.redirect(308, 'classic/');
  else next();
});
app.use('/classic', classicBalancer);
app.get('/classic/balancer-manager', (_req, res) => {
  res.redirect(303, '/balancer-manager/'); // excluded from that balancer, and so the front's own
});
app.use('/balancer-manager', createLogin('/balancer-manager'), manager);
app.get('/metrics', async (_req, res) => {
  res.type(registry.contentType).send(await registry.metrics());
});
app.get('/why', showWhy);
app.use('/', appBalancer);
app.use(showBalancerError);

const server = createServer(app);
attachUpgrades(server, app);
await listen(server, portOf('front'));

process.once('SIGTERM', () => {
  server.close();
  manager.close();
  void Promise.all(balancers.map((balancer) => balancer.close())).then(() => process.exit());
});
