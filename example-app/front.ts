// The front: an Express app with three balancers. In a cluster, each worker is one.
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
import { createLogin, operatorOf, secret } from './front/login.ts';
import { logRequests } from './front/request-log.ts';
import { state, whenHeard } from './front/state.ts';
import { logStates } from './front/state-log.ts';
import { showWhy } from './front/why.ts';

followParent();

const balancers = [staticBalancer, classicBalancer, appBalancer];
for (const balancer of balancers) logStates(balancer);

const manager = createManager({
  balancers,
  authorize: operatorOf,
  secret,
  title: 'The forum’s balancers',
});
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
app.get('/whoami', (_req, res) => {
  res.type('text').send(`${process.pid}\n`);
});
app.use('/', appBalancer);
app.use(showBalancerError);

const server = createServer(app);
attachUpgrades(server, app);
// A worker that takes the place of another one is to know first who is drained.
await whenHeard();
await listen(server, portOf('front'));

process.once('SIGTERM', () => void end());

/** Requests that are under way end first, those of open pages and chats excepted. */
async function end(): Promise<void> {
  server.close();
  manager.close();
  await Promise.all(balancers.map((balancer) => balancer.close({ grace: '2s' })));
  await state?.close();
  process.exit();
}
