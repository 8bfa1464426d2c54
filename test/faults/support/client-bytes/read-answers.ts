/** What a client may read off its connection. `isNodes`: to what no app has seen. */
export type ReadAnswer = Readonly<{ status: number; body: string; isWhole: boolean; isNodes: boolean }>;

/**
 * Reads everything that has come on a connection as answers to requests by these methods, in order. A last one may be cut
 * off. Undefined: it is no row of answers.
 */
export function readAnswers(bytes: string, methods: readonly string[]): readonly ReadAnswer[] | undefined {
  const answers: ReadAnswer[] = [];
  let rest = bytes;
  let served = 0;
  while (rest !== '') {
    const end = rest.indexOf('\r\n\r\n');
    if (end === -1) return undefined;
    const head = rest.slice(0, end);
    rest = rest.slice(end + 4);
    const status = Number(
      /^HTTP\/1\.1 (\d{3}) [^\r\n]*(?:\r\n[\w!#$%&'*+.^`|~-]+: ?[^\r\n\0]*)*$/.exec(head)?.[1],
    );
    if (!status) return undefined;
    if (status < 200) continue;
    const isNodes = !/^x-powered-by: express$/im.test(head);
    const read = readBody(rest, head, status, isNodes ? undefined : methods[served]);
    rest = read.rest;
    served += isNodes ? 0 : 1;
    answers.push({ status, body: read.body, isWhole: read.isWhole, isNodes });
    if (!read.isWhole) break;
  }
  return answers;
}

type Read = Readonly<{ body: string; rest: string; isWhole: boolean }>;

function readBody(bytes: string, head: string, status: number, method: string | undefined): Read {
  if (method === 'HEAD' || status === 204 || status === 304) return { body: '', rest: bytes, isWhole: true };
  if (/^transfer-encoding: chunked$/im.test(head)) return readChunks(bytes);
  const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? Infinity);
  if (length === Infinity) return { body: bytes, rest: '', isWhole: true };
  return { body: bytes.slice(0, length), rest: bytes.slice(length), isWhole: bytes.length >= length };
}

function readChunks(bytes: string): Read {
  let body = '';
  let rest = bytes;
  for (;;) {
    const size = parseInt(rest, 16);
    const from = rest.indexOf('\r\n') + 2;
    if (!(size >= 0) || from === 1 || rest.length < from + size + 2)
      return { body, rest: '', isWhole: false };
    body += rest.slice(from, from + size);
    rest = rest.slice(from + size + 2);
    if (size === 0) return { body, rest, isWhole: true };
  }
}
