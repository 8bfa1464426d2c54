import { Agent, createServer, ServerResponse } from 'node:http';
import { createProxyServer } from 'http-proxy-3';
import { listen } from './listening.ts';
import { createTurn, readTask } from './task.ts';

const task = readTask();
const takeTurn = createTurn(task);
const proxy = createProxyServer({ agent: new Agent({ keepAlive: true }), xfwd: true });
proxy.on('error', (_error, _req, res) => {
  if (res instanceof ServerResponse && !res.headersSent) res.writeHead(502).end();
  else res.destroy();
});
const server = createServer((req, res) => {
  proxy.web(req, res, { target: task.members[takeTurn(req)]! });
});
if (task.upgrades) {
  server.on('upgrade', (req, socket, head) => {
    proxy.ws(req, socket, head, { target: task.members[takeTurn(req)]! });
  });
}
await listen(server);
