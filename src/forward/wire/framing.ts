import { compileFieldTable, type RawHeaders } from '../../rewrite/headers.ts';
import { BadAnswer } from './wire-error.ts';

/** What a head says about what follows it. */
export type Framing = Readonly<{
  content: 'none' | 'counted' | 'chunked' | 'until-close';
  /** In bytes, where it is counted. */
  length: number;
  /** The connection can carry another request. */
  isKept: boolean;
  /** For how long the member says that it keeps the connection; undefined where it says nothing. */
  keptMs: number | undefined;
}>;

type Told = 'connection' | 'keep-alive' | 'length' | 'coding';

const fieldOf = compileFieldTable<Told>({
  connection: 'connection',
  'keep-alive': 'keep-alive',
  'content-length': 'length',
  'transfer-encoding': 'coding',
});

/** RFC 9112 6.3, as strictly as Node's parser: a length beside a coding, or a second one, is refused. */
export function readFraming(status: number, minor: number, fields: RawHeaders, isHead: boolean): Framing {
  let length: number | undefined;
  let coding = false;
  let closes = false;
  let keeps = minor === 1;
  let keptMs: number | undefined;

  for (let i = 0; i < fields.length; i += 2) {
    const told = fieldOf(fields[i]!);
    if (told === undefined) continue;
    const value = fields[i + 1]!;
    switch (told) {
      case 'connection':
        closes ||= hasOption(value, 'close');
        keeps ||= hasOption(value, 'keep-alive');
        break;
      case 'keep-alive':
        keptMs = readTimeout(value) ?? keptMs;
        break;
      case 'length':
        if (length !== undefined) throw new BadAnswer('two fields Content-Length');
        length = readLength(value);
        break;
      case 'coding':
        // What is left of `gzip, chunked` would reach the client as content.
        if (coding || value.toLowerCase() !== 'chunked') throw new BadAnswer(`Transfer-Encoding ${value}`);
        coding = true;
        break;
    }
  }
  if (coding && length !== undefined) throw new BadAnswer('Content-Length beside Transfer-Encoding');
  // RFC 9112 6.1: whoever speaks 1.0 does not know it.
  if (coding && minor === 0) throw new BadAnswer('Transfer-Encoding in HTTP/1.0');

  const isKept = keeps && !closes;
  if (isHead || status < 200 || status === 204 || status === 304) {
    return { content: 'none', length: 0, isKept, keptMs };
  }
  if (coding) return { content: 'chunked', length: 0, isKept, keptMs };
  if (length !== undefined) {
    return { content: length === 0 ? 'none' : 'counted', length, isKept, keptMs };
  }
  return { content: 'until-close', length: 0, isKept: false, keptMs };
}

/** Whether a value of Connection lists this option. */
export function hasOption(value: string, option: string): boolean {
  if (value.length === option.length) return value.toLowerCase() === option;
  return value.split(',').some((each) => each.trim().toLowerCase() === option);
}

function readLength(value: string): number {
  // Fifteen digits are a petabyte less one, and exact.
  if (!/^\d{1,15}$/.test(value)) throw new BadAnswer(`Content-Length ${value}`);
  return Number(value);
}

function readTimeout(value: string): number | undefined {
  const [, seconds] = /\btimeout=(\d{1,9})/i.exec(value) ?? [];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}
