import { OutgoingMessage, type ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { Writable } from 'node:stream';

/** Node's own, or what somebody had put around them before this module came. */
const writeResponse = ownValue(OutgoingMessage.prototype, 'write');
const writeStream = ownValue(Writable.prototype, 'write');

/** Node's call functions that nobody else can; a wrapper shows its own source, or none. */
const isNodes = calls(writeResponse, 'write_(this,') && calls(writeStream, '_write(this,');

/**
 * Whether a piece that is written is in nobody's hands any more once its callback is called. Who has put something of its own
 * around `write` may keep the piece, and need not call back; so may what stands in for a connection. One that is corked calls
 * back late.
 */
export function isWrittenPlainly(res: ServerResponse): boolean {
  const { socket } = res;
  return (
    isNodes &&
    res.write === writeResponse &&
    res.writableCorked === 0 &&
    socket instanceof Socket &&
    socket.write === writeStream
  );
}

function ownValue(prototype: object, name: string): unknown {
  return Object.getOwnPropertyDescriptor(prototype, name)?.value;
}

function calls(write: unknown, what: string): boolean {
  return typeof write === 'function' && Function.prototype.toString.call(write).includes(what);
}
