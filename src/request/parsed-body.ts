import type { IncomingMessage } from 'node:http';
import type { BytesBody } from './body.ts';
import { declareUtf8, isForm, isJson, isUtf8, readContentType, type ContentType } from './content-type.ts';
import { encodeForm, isFields } from './form.ts';

/** A request that a body parser may have been at. */
type ParsedRequest = IncomingMessage & Readonly<{ rawBody?: unknown; body?: unknown }>;

/** Puts what a body parser has left into bytes again; undefined if that would be a guess. */
export function encodeParsed(req: ParsedRequest): BytesBody | undefined {
  const contentType = readContentType(req.headers['content-type']);
  const { rawBody, body } = req;
  if (typeof rawBody === 'string') return encodeText(rawBody, contentType);
  if (rawBody instanceof Uint8Array) return encodeBytes(rawBody);
  if (body instanceof Uint8Array) return encodeBytes(body);
  try {
    if (typeof body === 'string') {
      const text = encodeText(body, contentType);
      return !isJson(contentType) || isOwnText(body, text.bytes, req) ? text : encodeJson(body, contentType);
    }
    if (isForm(contentType)) {
      // Express 4 leaves `{}` for a body that none of its parsers has read.
      return isFields(body) && Object.keys(body).length > 0
        ? { kind: 'bytes', bytes: Buffer.from(encodeForm(body)), contentType: declareUtf8(contentType) }
        : undefined;
    }
    return isJson(contentType) || isJsonByAnotherName(body, contentType)
      ? encodeJson(body, contentType)
      : undefined;
  } catch {
    // The app has put something into it that has no end, or no text.
    return undefined;
  }
}

function encodeBytes(bytes: Uint8Array): BytesBody {
  return {
    kind: 'bytes',
    bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    contentType: undefined,
  };
}

/** Text in the charset it came in, if Node can write that, else in UTF-8. */
function encodeText(text: string, contentType: ContentType): BytesBody {
  const bytes = encodeIn(contentType.charset, text);
  return bytes
    ? { kind: 'bytes', bytes, contentType: undefined }
    : { kind: 'bytes', bytes: Buffer.from(text), contentType: declareUtf8(contentType) };
}

function encodeIn(charset: string, text: string): Buffer | undefined {
  if (charset === '' || isUtf8(charset)) return Buffer.from(text);
  if (charset === 'utf-16le') return Buffer.from(text, 'utf16le');
  if (charset !== 'iso-8859-1' && charset !== 'latin1') return undefined;
  const bytes = Buffer.from(text, 'latin1');
  return bytes.toString('latin1') === text ? bytes : undefined;
}

function encodeJson(value: unknown, contentType: ContentType): BytesBody | undefined {
  const text = JSON.stringify(value) as string | undefined; // undefined for what is no JSON
  if (text === undefined) return undefined;
  return { kind: 'bytes', bytes: Buffer.from(text), contentType: declareUtf8(contentType) };
}

/**
 * A string for a JSON body is the body itself, left by a text parser, or the string that the JSON was, left by a JSON
 * parser that is not strict. The length says which; a byte order mark, or no length to compare with, leaves the look of it.
 */
function isOwnText(text: string, bytes: Buffer, { headers }: IncomingMessage): boolean {
  const length = headers['content-encoding'] === undefined ? Number(headers['content-length']) : NaN;
  if (bytes.length === length) return true;
  if (!Number.isNaN(length) && bytes.length + 3 !== length) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Types whose parsers leave objects too, but did not find JSON. */
const otherFormats =
  /^(?:multipart|text)\/|^application\/octet-stream$|xml|yaml|csv|toml|cbor|msgpack|protobuf|avro|thrift/;

/** JSON read by a parser that was told to take this type for it. Not `{}`: Express 4 leaves that for what nobody has read. */
function isJsonByAnotherName(body: unknown, { type }: ContentType): boolean {
  if (otherFormats.test(type)) return false;
  return Array.isArray(body) || (isFields(body) && Object.keys(body).length > 0);
}
