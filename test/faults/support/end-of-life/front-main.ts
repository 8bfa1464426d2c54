// A front as a user writes it: `node front-main.ts DEFINITION GRACE`. SIGTERM ends it, another one at once; nothing calls exit.
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import express from 'express';
import {
  attachUpgrades,
  createBalancer,
  type BalancerDefinition,
  type Duration,
} from '../../../../src/index.ts';

const [definition = '{}', grace = '5s'] = process.argv.slice(2);
const balancer = createBalancer(JSON.parse(definition) as BalancerDefinition);
const app = express();
app.use(balancer);
const server = createServer(app);
attachUpgrades(server, app);
server.listen(0, '127.0.0.1', () => {
  console.log(`listening ${(server.address() as AddressInfo).port}`);
});

// Whoever has started it may be killed without a word; nothing else is to wait for that.
(process.stdin as Socket).once('close', () => process.exit(1)).unref();
process.stdin.resume();

let signals = 0;
process.on('SIGTERM', () => {
  signals += 1;
  console.log('told');
  void end(signals === 1 ? (grace as Duration) : 0);
});

async function end(time: Duration): Promise<void> {
  server.close();
  await balancer.close({ grace: time });
  server.closeIdleConnections();
}
