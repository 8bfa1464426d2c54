import { Agent } from 'node:http';
import { createProxyMiddleware } from 'http-proxy-middleware';
import { createApplication } from './application.ts';
import { listen } from './listening.ts';
import { createTurn, readTask } from './task.ts';

const task = readTask();
const takeTurn = createTurn(task);
const proxy = createProxyMiddleware({
  target: task.members[0]!,
  router: (req) => task.members[takeTurn(req)]!,
  agent: new Agent({ keepAlive: true }),
  xfwd: true,
});
const { server } = createApplication(proxy);
if (task.upgrades) server.on('upgrade', proxy.upgrade);
await listen(server);
