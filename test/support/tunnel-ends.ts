import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { BalancerDefinition } from '../../src/index.ts';
import type { ToldFront } from './stories.ts';
import { drawZeros } from './time.ts';
import { openHalf, startSwitching, startUpgradeFront, type UpgradeBackend } from './websocket.ts';

/** A frame of a server, or of a client, whose mask is of zeros. */
export function frame(opcode: number, content: string | Buffer, isClient = false): Buffer {
  const payload = Buffer.from(content);
  const mask = isClient ? [0, 0, 0, 0] : [];
  return Buffer.from([0x80 | opcode, (isClient ? 0x80 : 0) | payload.length, ...mask, ...payload]);
}

/** What a Close frame says. */
export function closing(code: number, reason = ''): Buffer {
  return Buffer.from([code >> 8, code & 0xff, ...Buffer.from(reason)]);
}

/** A Close frame as the balancer sends it to a client. */
export const farewell = frame(8, closing(1001, 'going away'));

/** A balancer whose chance is always 0: of those who are told to go, each is told as early as it can be. */
export function startPunctual(definition: BalancerDefinition): Promise<ToldFront> {
  drawZeros();
  return startUpgradeFront(definition);
}

/** One end of a connection, and what it has been sent. */
export type End<Side extends Duplex = Duplex> = Readonly<{
  socket: Side;
  heard(): Buffer;
  /** Resolves when the other side has ended or broken off. */
  over: Promise<unknown>;
}>;

export function listenTo<Side extends Duplex>(socket: Side): End<Side> {
  const pieces: Buffer[] = [];
  socket.on('data', (piece: Buffer) => pieces.push(piece)).resume();
  const over = Promise.race([once(socket, 'end'), once(socket, 'close')]);
  return { socket, heard: () => Buffer.concat(pieces), over };
}

/** A switched connection, at both ends as bytes. */
export type Ends = Readonly<{ front: ToldFront; client: End<Socket>; member: End; backend: UpgradeBackend }>;

/** Opens one through a front that is punctual. */
export async function openEnds(definition: Omit<BalancerDefinition, 'members'>): Promise<Ends> {
  const opened = Promise.withResolvers<Duplex>();
  const backend = await startSwitching(opened.resolve);
  const front = await startPunctual({ ...definition, members: [backend.url] });
  const client = listenTo(await openHalf(front.port));
  return { front, client, member: listenTo(await opened.promise), backend };
}
