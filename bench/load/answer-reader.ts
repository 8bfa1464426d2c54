/** Just enough of HTTP/1.1 for answers of proxies that are measured: status, Content-Length, chunks. */
export type AnswerReader = Readonly<{
  /** Takes what has come, in pieces of any size; throws at what is no answer. The bytes are not kept. */
  read(bytes: Buffer): void;
  /** Bytes of the body so far, of the answer that is being read. */
  bodyBytes(): number;
}>;

const endOfHead = '\r\n\r\n';
const mostHeadBytes = 65_536;

type Place = 'head' | 'body' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailers';

/** `told` hears of each answer once it has come whole; the one after it may come on the same connection. */
export function readAnswers(told: (status: number, bodyBytes: number) => void): AnswerReader {
  let place: Place = 'head';
  let status = 0;
  let bodyBytes = 0;
  /** Of the body, or of the chunk. */
  let left = 0;
  /** A head or a line that has come in part. */
  let kept: Buffer | undefined;

  const finish = (): void => {
    const bytes = bodyBytes;
    place = 'head';
    bodyBytes = 0;
    told(status, bytes);
  };

  const start = (head: string): void => {
    status = readStatus(head);
    // Interim answers come before the one that counts.
    if (status < 200) return;
    if (/\r\ntransfer-encoding: *chunked/i.test(head)) {
      place = 'chunk-size';
      return;
    }
    left = hasBody(status) ? readLength(head) : 0;
    place = 'body';
    if (left === 0) finish();
  };

  /** Where the part that ends so ends; undefined, and the bytes kept, where its end has not come yet. */
  const findEnd = (bytes: Buffer, at: number, end: string): number | undefined => {
    const found = bytes.indexOf(end, at, 'latin1');
    if (found >= 0) return found;
    if (bytes.length - at > mostHeadBytes) throw new Error('a head or line of an answer does not end');
    // Copied: the next bytes come in the same buffer.
    kept = Buffer.from(bytes.subarray(at));
    return undefined;
  };

  const takeBody = (bytes: Buffer, at: number): number => {
    const taken = Math.min(left, bytes.length - at);
    left -= taken;
    bodyBytes += taken;
    if (left === 0) {
      if (place === 'body') finish();
      else place = 'chunk-end';
    }
    return at + taken;
  };

  const takeLine = (line: string): void => {
    if (place === 'chunk-size') {
      left = readChunkSize(line);
      place = left === 0 ? 'trailers' : 'chunk';
    } else if (place === 'chunk-end') {
      if (line !== '') throw new Error('a chunk of an answer is longer than it says');
      place = 'chunk-size';
    } else if (line === '') finish();
  };

  return {
    read(fresh) {
      const bytes = kept ? Buffer.concat([kept, fresh]) : fresh;
      kept = undefined;
      let at = 0;
      while (at < bytes.length) {
        if (place === 'body' || place === 'chunk') {
          at = takeBody(bytes, at);
          continue;
        }
        const mark = place === 'head' ? endOfHead : '\r\n';
        const end = findEnd(bytes, at, mark);
        if (end === undefined) return;
        const text = bytes.toString('latin1', at, end);
        if (place === 'head') start(text);
        else takeLine(text);
        at = end + mark.length;
      }
    },
    bodyBytes: () => bodyBytes,
  };
}

function readStatus(head: string): number {
  const status = /^HTTP\/1\.[01] (\d{3})(?: |\r|$)/.exec(head)?.[1];
  if (status === undefined) throw new Error(`no answer begins so: ${JSON.stringify(head.slice(0, 60))}`);
  return Number(status);
}

function hasBody(status: number): boolean {
  return status !== 204 && status !== 304;
}

function readLength(head: string): number {
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length === undefined) throw new Error('an answer tells no length');
  return Number(length);
}

function readChunkSize(line: string): number {
  const size = /^[\da-f]+/i.exec(line)?.[0];
  if (size === undefined) throw new Error(`no chunk begins so: ${JSON.stringify(line.slice(0, 60))}`);
  return Number.parseInt(size, 16);
}
