import { connect, createServer, type Socket } from 'node:net';
import { listen } from './listening.ts';
import { readTask } from './task.ts';

/* No HTTP at all: what is said on one connection is said on the other. */

const task = readTask();
const ports = task.members.map((origin) => Number(new URL(origin).port));
let next = 0;

await listen(
  createServer({ noDelay: true }, (client) => {
    const member = connect({ port: ports[next++ % ports.length]!, host: '127.0.0.1', noDelay: true });
    pour(client, member);
    pour(member, client);
  }),
);

function pour(from: Socket, to: Socket): void {
  from.pipe(to);
  from.once('error', () => to.destroy());
}
