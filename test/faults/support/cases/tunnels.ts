import type { Socket } from 'node:net';
import { startRawBackend } from '../../../support/backend.ts';
import { RawClient } from '../../../support/raw-client.ts';
import { askToSwitch, SWITCH } from '../../../support/websocket.ts';
import type { Executor } from './executor.ts';
import type { Ending } from './rule.ts';

/** What is said through a tunnel, a byte at a time where a member drips. */
const words = 'are you there?';

/** A member that switches, and says its name and what it hears; `open` writes the head of its answer, and may do worse. */
export async function startSwitching(
  name: 'a' | 'b',
  open: (socket: Socket, head: string) => unknown = (socket, head) => socket.write(head),
): Promise<Executor> {
  const executions: { id: string; hash: undefined }[] = [];
  const backend = await startRawBackend((socket, head) => {
    executions.push({ id: /^x-id: (.*)$/im.exec(head)?.[1] ?? '', hash: undefined });
    socket.removeAllListeners('data');
    socket.on('data', (chunk) => socket.write(chunk.toString('latin1').toUpperCase()));
    open(socket, SWITCH.replace('\r\n\r\n', `\r\nX-Member: ${name}\r\n\r\n`));
  });
  return { backend, url: backend.url, executions };
}

/** Asks for a tunnel, and says something through it; leaves it open. */
export async function openTunnel(
  port: number,
  id: string,
): Promise<Readonly<{ ending: Ending | 'else'; status: number; client: RawClient }>> {
  const client = await RawClient.connect(port);
  client.send(askToSwitch('/', `X-Id: ${id}`));
  const head = await client.readHead().catch(() => undefined);
  if (head === undefined) return { ending: 'cut', status: 0, client };
  const { status, headers } = head;
  if (status !== 101) return { ending: status >= 500 ? 'refused' : 'else', status, client };
  const said = await talk(client);
  const isA = headers[headers.indexOf('X-Member') + 1] === 'a';
  return { ending: said ? (isA ? 'answered by a' : 'answered by b') : 'cut', status, client };
}

/** Says something, and tells whether it comes back. */
export async function talk(client: RawClient): Promise<boolean> {
  client.write(words);
  const heard = await client.readBytes(words.length).catch(() => undefined);
  return heard === words.toUpperCase();
}
