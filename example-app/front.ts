// The front: an Express app with three balancers.
import { createServer } from 'node:http';
import express from 'express';
import { attachUpgrades } from 'express-proxy-balancer';
import { followParent, listen } from './cluster/child.ts';
import { portOf } from './cluster/ports.ts';
import { appBalancer, classicBalancer, staticBalancer } from './front/balancers.ts';
import { showBalancerError } from './front/error-page.ts';
import { logRequests } from './front/request-log.ts';
import { logStates } from './front/state-log.ts';
import { showWhy } from './front/why.ts';

followParent();

for (const balancer of [staticBalancer, classicBalancer, appBalancer]) logStates(balancer);

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
  res.json(classicBalancer.view()); // excluded from that balancer, and so the front's own
});
app.get('/why', showWhy);
app.use('/', appBalancer);
app.use(showBalancerError);

const server = createServer(app);
attachUpgrades(server, app);
await listen(server, portOf('front'));

process.once('SIGTERM', () => {
  server.close();
  void Promise.all([staticBalancer, classicBalancer, appBalancer].map((balancer) => balancer.close())).then(
    () => process.exit(),
  );
});
