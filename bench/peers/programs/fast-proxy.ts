import { createServer } from 'node:http';
import fastProxy from 'fast-proxy';
import { listen } from './listening.ts';
import { createTurn, readTask } from './task.ts';

const task = readTask();
const takeTurn = createTurn(task);
// With undici it carries for one origin only; the two figures are those of its README.
const proxies = task.members.map((base) => fastProxy({ base, undici: { connections: 100, pipelining: 10 } }));
await listen(
  createServer((req, res) => {
    proxies[takeTurn(req)]!.proxy(req, res, req.url!, {});
  }),
);
