/** How somebody reads requests off a connection: members are not all as strict as RFC 9112 asks. */
export type Reading = Readonly<{
  name: string;
  /** What ends a line. */
  lineEnd: RegExp;
  /** What frames a body that has both. */
  first: 'coding' | 'length';
  isChunked: (coding: string) => boolean;
  /** Which field a name stands for. */
  readName: (name: string) => string;
  /** A line that begins with a blank goes on with the one before, or is a field of its own. */
  joinsFolds: boolean;
  /** Of several lengths, or of a list of them. */
  length: 'first' | 'last';
  /** What follows the head of such a request is the next one, as long as the connection goes on. */
  isBodiless: (method: string) => boolean;
  /** What is seen so of a request that is described as `describeRequest` does. */
  describe: (request: string) => string;
}>;

/** A request as somebody has read it. */
export type ReadRequest = Readonly<{
  method: string;
  target: string;
  fields: readonly (readonly [name: string, value: string])[];
  body: string;
  trailers: readonly (readonly [name: string, value: string])[];
}>;

const aboutBodies = /^(?:P(?:OST|UT|ATCH|ROPFIND|ROPPATCH)|QUERY)(?: |$)/;

const strict: Reading = {
  name: 'as RFC 9112 has it',
  lineEnd: /\r\n/,
  first: 'coding',
  isChunked: (coding) => coding.toLowerCase() === 'chunked',
  readName: (name) => name.toLowerCase(),
  joinsFolds: true,
  length: 'first',
  isBodiless: () => false,
  describe: (request) => request,
};

/** The strict one first. */
export const readings: readonly Reading[] = [
  strict,
  { ...strict, name: 'a lone LF ends a line', lineEnd: /\r?\n/ },
  { ...strict, name: 'a lone CR ends a line', lineEnd: /\r\n?|\n/ },
  { ...strict, name: 'a length beats a coding, the last one the others', first: 'length', length: 'last' },
  {
    ...strict,
    name: 'whatever has chunked in it is chunked',
    isChunked: (coding) => /chunked/i.test(coding),
  },
  { ...strict, name: 'a folded line is a field of its own', joinsFolds: false },
  {
    ...strict,
    name: 'a name is what is left of it in an environment',
    readName: (name) => name.toLowerCase().replace(/[^a-z0-9]/g, '-'),
  },
  {
    ...strict,
    name: 'a name ends at what no name holds',
    readName: (name) => /^[\s\0]*([\w-]*)/.exec(name.toLowerCase())![1]!,
  },
  {
    ...strict,
    name: 'only methods that are about a body have one',
    isBodiless: (method) => !aboutBodies.test(method),
    describe: (request) => (aboutBodies.test(request) ? request : request.split(' ', 2).join(' ')),
  },
];

/** Reads what has come on a connection: the whole requests, and what is left behind them. */
export function readRequests(
  bytes: string,
  reading: Reading,
): Readonly<{ requests: readonly ReadRequest[]; rest: string }> {
  const requests: ReadRequest[] = [];
  let rest = bytes;
  while (rest !== '') {
    const cursor = new Cursor(rest, reading.lineEnd);
    const request = readRequest(cursor, reading);
    if (request === undefined) break;
    requests.push(request);
    rest = cursor.rest;
    // RFC 9112 9.6: nothing behind such a request is looked at.
    if (valuesIn(request.fields, 'connection', reading).some((value) => /\bclose\b/i.test(value))) rest = '';
  }
  return { requests, rest };
}

/** `POST /path body`, without the blank where there is no body. */
export function describeRequest({ method, target, body }: ReadRequest): string {
  return `${method} ${target}${body === '' ? '' : ` ${body}`}`;
}

type Fields = ReadRequest['fields'];

class Cursor {
  rest: string;
  readonly #lineEnd: RegExp;

  constructor(text: string, lineEnd: RegExp) {
    this.rest = text;
    this.#lineEnd = lineEnd;
  }

  /** Undefined where no line has come to its end. */
  takeLine(): string | undefined {
    const end = this.#lineEnd.exec(this.rest);
    if (end === null) return undefined;
    const line = this.rest.slice(0, end.index);
    this.rest = this.rest.slice(end.index + end[0].length);
    return line;
  }

  take(length: number): string | undefined {
    if (this.rest.length < length) return undefined;
    const bytes = this.rest.slice(0, length);
    this.rest = this.rest.slice(length);
    return bytes;
  }
}

function readRequest(cursor: Cursor, reading: Reading): ReadRequest | undefined {
  const start = cursor.takeLine();
  const fields = readFields(cursor, reading);
  if (start === undefined || fields === undefined) return undefined;
  const [method = '', target = ''] = start.split(' ');
  const content = reading.isBodiless(method)
    ? { body: '', trailers: [] }
    : readContent(cursor, fields, reading);
  return content && { method, target, fields, ...content };
}

function readFields(cursor: Cursor, { joinsFolds }: Reading): Fields | undefined {
  const fields: [string, string][] = [];
  for (;;) {
    const line = cursor.takeLine();
    if (line === undefined) return undefined;
    if (line === '') return fields;
    const last = fields.at(-1);
    if (joinsFolds && last && /^[ \t]/.test(line)) {
      last[1] += ` ${line.trim()}`;
      continue;
    }
    const colon = line.indexOf(':');
    fields.push(colon === -1 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1).trim()]);
  }
}

function readContent(
  cursor: Cursor,
  fields: Fields,
  reading: Reading,
): Readonly<{ body: string; trailers: Fields }> | undefined {
  const codings = valuesIn(fields, 'transfer-encoding', reading);
  const lengths = valuesIn(fields, 'content-length', reading).flatMap((value) => value.split(','));
  const isCounted = lengths.length > 0 && (codings.length === 0 || reading.first === 'length');
  if (isCounted) {
    const length = parseInt(lengths.at(reading.length === 'first' ? 0 : -1)!, 10) || 0;
    const body = cursor.take(length);
    return body === undefined ? undefined : { body, trailers: [] };
  }
  if (codings.some(reading.isChunked)) return readChunks(cursor, reading);
  return { body: '', trailers: [] };
}

function readChunks(
  cursor: Cursor,
  reading: Reading,
): Readonly<{ body: string; trailers: Fields }> | undefined {
  let body = '';
  for (;;) {
    const line = cursor.takeLine();
    if (line === undefined) return undefined;
    const size = parseInt(line, 16) || 0;
    if (size === 0) break;
    const chunk = cursor.take(size);
    if (chunk === undefined || cursor.takeLine() === undefined) return undefined;
    body += chunk;
  }
  const trailers = readFields(cursor, reading);
  return trailers && { body, trailers };
}

function valuesIn(fields: Fields, wanted: string, { readName }: Reading): readonly string[] {
  return fields.filter(([name]) => readName(name) === wanted).map(([, value]) => value);
}
