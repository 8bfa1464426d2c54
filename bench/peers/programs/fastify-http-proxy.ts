import type { AddressInfo } from 'node:net';
import proxy from '@fastify/http-proxy';
import fastify from 'fastify';
import { tellPort } from './listening.ts';
import { createTurn, readTask } from './task.ts';

const task = readTask();
const takeTurn = createTurn(task);
const app = fastify();
await app.register(proxy, {
  upstream: '',
  websocket: task.upgrades,
  replyOptions: { getUpstream: ({ raw }) => task.members[takeTurn(raw)]! },
});
await app.listen({ port: 0, host: '127.0.0.1' });
tellPort((app.server.address() as AddressInfo).port);
