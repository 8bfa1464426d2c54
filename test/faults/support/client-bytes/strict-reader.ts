/** A request as it came, by the letter of RFC 9112. */
export type StrictRequest = Readonly<{
  method: string;
  target: string;
  fields: readonly (readonly [name: string, value: string])[];
  /** Without its framing. */
  body: string;
}>;

/** What is no request by that letter, or more of one than there should be. */
export class NotStrict extends Error {}

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const requestLine = new RegExp(`^(${token}) (/[\\x21-\\x7e\\x80-\\xff]*) HTTP/1\\.1$`);
const fieldLine = new RegExp(`^(${token}):[ \\t]*([\\t\\x20-\\x7e\\x80-\\xff]*?)[ \\t]*$`);

/** Reads one request off the front of these bytes; undefined: it has not come to its end. */
export function readStrictly(bytes: string): Readonly<{ request: StrictRequest; rest: string }> | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) {
    refuseStray(bytes.replace(/\r\n/g, '').replace(/\r$/, ''));
    return undefined;
  }
  const [start = '', ...lines] = bytes.slice(0, end).split('\r\n');
  const [, method, target] = requestLine.exec(start) ?? [];
  if (method === undefined || target === undefined) throw new NotStrict(`no request line: ${start}`);
  const fields = lines.map(readField);
  const body = readBody(bytes.slice(end + 4), fields);
  return body && { request: { method, target, fields, body: body.text }, rest: body.rest };
}

/** The values of a field; `name` in lower case. */
export function valuesIn({ fields }: Pick<StrictRequest, 'fields'>, name: string): readonly string[] {
  return fields.filter(([each]) => each.toLowerCase() === name).map(([, value]) => value);
}

function refuseStray(text: string): void {
  if (/[\r\n\0]/.test(text)) throw new NotStrict('a lone CR, LF or NUL in a head');
}

function readField(line: string): readonly [string, string] {
  const [, name, value] = fieldLine.exec(line) ?? [];
  if (name === undefined || value === undefined) throw new NotStrict(`no field: ${line}`);
  return [name, value];
}

type Part = Readonly<{ text: string; rest: string }>;

function readBody(bytes: string, fields: StrictRequest['fields']): Part | undefined {
  const lengths = valuesIn({ fields }, 'content-length');
  const codings = valuesIn({ fields }, 'transfer-encoding');
  if (lengths.length + codings.length > 1) throw new NotStrict('framed twice');
  if (codings.length === 1) {
    if (codings[0] !== 'chunked') throw new NotStrict(`coded ${codings[0]!}`);
    return readChunks(bytes);
  }
  if (lengths.length === 0) return { text: '', rest: bytes };
  if (!/^(?:0|[1-9]\d*)$/.test(lengths[0]!)) throw new NotStrict(`a length of ${lengths[0]!}`);
  const length = Number(lengths[0]);
  return bytes.length < length ? undefined : { text: bytes.slice(0, length), rest: bytes.slice(length) };
}

function readChunks(bytes: string): Part | undefined {
  let text = '';
  let rest = bytes;
  for (;;) {
    const end = rest.indexOf('\r\n');
    if (end === -1) return undefined;
    const digits = rest.slice(0, end);
    if (!/^[\da-f]{1,8}$/i.test(digits)) throw new NotStrict(`a chunk of ${digits}`);
    const size = parseInt(digits, 16);
    rest = rest.slice(end + 2);
    if (size === 0) break;
    if (rest.length < size + 2) return undefined;
    if (rest.slice(size, size + 2) !== '\r\n') throw new NotStrict('no line end behind a chunk');
    text += rest.slice(0, size);
    rest = rest.slice(size + 2);
  }
  for (;;) {
    const end = rest.indexOf('\r\n');
    if (end === -1) return undefined;
    const line = rest.slice(0, end);
    rest = rest.slice(end + 2);
    if (line === '') return { text, rest };
    const [name] = readField(line);
    if (/^(?:host|content-length|transfer-encoding|connection)$/i.test(name))
      throw new NotStrict(`the trailer ${name}`);
  }
}
