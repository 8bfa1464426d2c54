import express from 'express';
import { register } from 'prom-client';
import { attachUpgrades, createBalancer } from 'express-proxy-balancer';
import { createManager } from 'express-proxy-balancer/manager';
import { registerMetrics } from 'express-proxy-balancer/metrics';

const [app1, app2] = process.env.MEMBERS.split(' ');

const balancer = createBalancer({
  stickysession: 'session',
  members: [
    { url: app1, route: 'app1' },
    { url: app2, route: 'app2' },
  ],
});
registerMetrics(register, [balancer]);

const app = express();
app.use('/manager', createManager({ authorize: 'loopback-only' }));
app.get('/metrics', async (_req, res) => {
  res.type(register.contentType).send(await register.metrics());
});
app.use(balancer);
app.use((error, _req, res, _next) => {
  res.status(error.status).json({ page: "the app's", code: error.code });
});

const server = app.listen(0, '127.0.0.1', () => {
  console.log(`listening on ${server.address().port}`);
});
attachUpgrades(server, app);

process.once('SIGTERM', async () => {
  server.close();
  await balancer.close({ grace: '5s' });
  server.closeIdleConnections();
});
