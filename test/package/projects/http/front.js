import { createServer } from 'node:http';
import { createBalancer } from 'express-proxy-balancer';

const [app1, app2] = process.env.MEMBERS.split(' ');

const balancer = createBalancer({
  stickysession: 'session',
  members: [
    { url: app1, route: 'app1' },
    { url: app2, route: 'app2' },
  ],
});

const server = createServer((req, res) => {
  balancer(req, res, (error) => {
    res.writeHead(error.status, { 'Content-Type': 'application/json' });
    res.end(JSON.stringify({ page: "the app's", code: error.code }));
  });
});
server.on('upgrade', balancer.upgrade);
server.listen(0, '127.0.0.1', () => {
  console.log(`listening on ${server.address().port}`);
});

process.once('SIGTERM', async () => {
  server.close();
  await balancer.close({ grace: '5s' });
  server.closeIdleConnections();
});
