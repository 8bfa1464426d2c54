import { attachUpgrades, createBalancer } from 'express-proxy-balancer';
import { createApplication } from './application.ts';
import { listen } from './listening.ts';
import { readTask } from './task.ts';

/* The default definition, with stickiness on; `--http-proxy-middleware`: carried by that. */

const task = readTask();
const balancer = createBalancer({
  members: task.members.map((url, i) => ({ url, route: `r${i}` })),
  stickysession: 'sid',
  // As all the others: what goes wrong is counted by who asks.
  logger: false,
  ...(process.argv.includes('--http-proxy-middleware') && { httpProxyMiddleware: {} }),
});
const { app, server } = createApplication(balancer);
if (task.upgrades) attachUpgrades(server, app);
await listen(server);
