import { randomBytes } from 'node:crypto';

/** RFC 6455 7.4.1: 1001, an endpoint goes away. The reason is for people who look at it. */
const payload = Buffer.from([0x03, 0xe9, ...Buffer.from('going away')]);

/** A Close frame as a server sends it: not masked (RFC 6455 5.1). */
export const closeToClient: Buffer = Buffer.from([0x88, payload.length, ...payload]);

/** The same as a client sends it, each with a mask of its own. */
export function makeCloseToMember(): Buffer {
  const mask = randomBytes(4);
  return Buffer.from([
    0x88,
    0x80 | payload.length,
    ...mask,
    ...payload.map((byte, i) => byte ^ mask[i % 4]!),
  ]);
}
