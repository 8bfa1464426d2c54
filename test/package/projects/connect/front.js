import { createServer } from 'node:http';
import connect from 'connect';
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

const app = connect();
app.use('/manager', createManager({ authorize: 'loopback-only' }));
app.use('/metrics', async (_req, res) => {
  res.setHeader('Content-Type', register.contentType).end(await register.metrics());
});
app.use(balancer);
app.use((error, _req, res, _next) => {
  res.writeHead(error.status, { 'Content-Type': 'application/json' });
  res.end(JSON.stringify({ page: "the app's", code: error.code }));
});

const server = createServer(app).listen(0, '127.0.0.1', () => {
  console.log(`listening on ${server.address().port}`);
});
attachUpgrades(server, app);

process.once('SIGTERM', async () => {
  server.close();
  await balancer.close({ grace: '5s' });
  server.closeIdleConnections();
});
