import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BalancerError, createBalancer } from 'express-proxy-balancer';

const [app1 = '', app2 = ''] = (process.env['MEMBERS'] ?? '').split(' ');

const balancer = createBalancer({
  stickysession: 'session',
  members: [
    { url: app1, route: 'app1' },
    { url: app2, route: 'app2' },
  ],
});

const server = createServer((req, res) => {
  balancer(req, res, (error) => {
    const { status, code } =
      error instanceof BalancerError ? error : { status: 500, code: 'ERR_SOMETHING_ELSE' };
    res.writeHead(status, { 'Content-Type': 'application/json' });
    res.end(JSON.stringify({ page: "the app's", code }));
  });
});
server.on('upgrade', balancer.upgrade);
server.listen(0, '127.0.0.1', () => {
  console.log(`listening on ${(server.address() as AddressInfo).port}`);
});

process.once('SIGTERM', () => {
  server.close();
  void balancer.close({ grace: '5s' }).then(() => {
    server.closeIdleConnections();
  });
});
