import type { Body } from '../request/body.ts';

/** RFC 8446 5.1, in bytes of what is encrypted. */
const longestRecord = 16_384;

export function isFailedWrite(cause: Error): boolean {
  return 'syscall' in cause && cause.syscall === 'write';
}

/** TLS does not tell how much of a write has left; but what is one record, and has not left whole, nobody can read. */
export function isHalfRecord(head: string, body: Body): boolean {
  return body.kind === 'none' && head.length + 2 <= longestRecord;
}
