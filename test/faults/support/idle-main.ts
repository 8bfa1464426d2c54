// Clients in a process of their own, since each connection takes a descriptor at both ends. `node idle-main.ts PORT COUNT TEXT`:
// opens as many connections, sends each the text, waits for an answer if there is one to wait for, and stays.
import { once } from 'node:events';
import { connect } from 'node:net';

const [port = '0', count = '0', text = ''] = process.argv.slice(2);

async function open(): Promise<void> {
  const socket = connect(Number(port), '127.0.0.1');
  socket.on('error', () => socket.destroy());
  await once(socket, 'connect');
  if (text === '') return;
  socket.write(text);
  await once(socket, 'data');
}

// What is asked at once takes connections to members, which are kept a while and are not what is looked at.
const together = text === '' ? 250 : 50;
for (let left = Number(count); left > 0; left -= together) {
  await Promise.all(Array.from({ length: Math.min(left, together) }, open));
}
process.stdout.write('open\n');
