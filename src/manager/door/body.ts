import type { IncomingMessage } from 'node:http';
import { isForm, isUtf8, readContentType, type ContentType } from '../../request/content-type.ts';
import { announcesBody } from '../../request/read-body.ts';
import { ManagerError, type Route } from '../route.ts';
import { copyPlain, parseForm, readFields } from './fields.ts';

/** The largest body that is read, in bytes. */
export const mostBytes = 65_536;

/** What a route takes of a request: fields of a form, or a JSON value; undefined without a body. */
export type ReadBody = Readonly<{ body: unknown }> | 'client-left';

/** A request that a body parser of the app's may have been at. */
type ParsedRequest = IncomingMessage & { body?: unknown };

/**
 * Reads the body of a request, whole.
 *
 * @throws {ManagerError} by rejection, for whatever the route does not take.
 */
export async function readBody(req: ParsedRequest, takes: Route['takes']): Promise<ReadBody> {
  if (!announcesBody(req)) return { body: takes === 'form' ? readFields({}) : undefined };
  const contentType = readContentType(req.headers['content-type']);
  refuseType(req, contentType, takes);
  if (Number(req.headers['content-length'] ?? 0) > mostBytes) throw tooLarge();

  const parsed = req.readableDidRead || req.readableEnded ? parsedBody(req) : undefined;
  if (parsed !== undefined && !isText(parsed)) {
    return { body: takes === 'form' ? readFields(parsed) : copyPlain(parsed) };
  }
  const bytes = parsed ?? (await readBytes(req));
  if (bytes === undefined) return 'client-left';
  const text = decode(bytes);
  return { body: takes === 'form' ? parseForm(text) : copyPlain(parseJson(text)) };
}

function refuseType({ headers }: IncomingMessage, contentType: ContentType, takes: Route['takes']): void {
  const coding = headers['content-encoding'];
  if (coding !== undefined && coding.toLowerCase() !== 'identity')
    throw new ManagerError('ERR_MANAGER_TYPE', 'send it without Content-Encoding');
  if (takes === undefined) throw new ManagerError('ERR_MANAGER_TYPE', 'send it without a body');
  const isRight = takes === 'form' ? isForm(contentType) : contentType.type === 'application/json';
  if (!isRight) {
    const type = takes === 'form' ? 'application/x-www-form-urlencoded' : 'application/json';
    throw new ManagerError('ERR_MANAGER_TYPE', `send it with Content-Type: ${type}`);
  }
  if (contentType.charset !== '' && !isUtf8(contentType.charset))
    throw new ManagerError('ERR_MANAGER_TYPE', 'send it in UTF-8');
}

/** What the app's own parser has left. */
function parsedBody({ body }: ParsedRequest): unknown {
  if (body !== undefined) return body;
  throw new ManagerError(
    'ERR_MANAGER_BODY',
    'another middleware has read it and left it nowhere; mount the manager before that one',
  );
}

function isText(value: unknown): value is string | Uint8Array {
  return typeof value === 'string' || value instanceof Uint8Array;
}

/** Undefined: the client has left. Without `for await`, whose end would end the connection before the refusal is sent. */
async function readBytes(req: IncomingMessage): Promise<Uint8Array | undefined> {
  if (req.destroyed) return undefined;
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array | undefined>();
  const chunks: Buffer[] = [];
  let length = 0;
  const read = (chunk: Buffer | string): void => {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length <= mostBytes) chunks.push(bytes);
    else reject(tooLarge());
  };
  const end = (): void => {
    resolve(Buffer.concat(chunks));
  };
  const leave = (): void => {
    resolve(undefined);
  };
  req.on('data', read).once('end', end).once('close', leave).on('error', leave);
  try {
    return await promise;
  } finally {
    // The listener for errors stays: a connection may break later.
    req.off('data', read).off('end', end).off('close', leave);
  }
}

function decode(bytes: string | Uint8Array): string {
  if (bytes.length > mostBytes) throw tooLarge();
  if (typeof bytes === 'string') return bytes;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ManagerError('ERR_MANAGER_BODY', 'it is not in UTF-8');
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new ManagerError('ERR_MANAGER_BODY', 'it is no JSON');
  }
}

function tooLarge(): ManagerError {
  return new ManagerError('ERR_MANAGER_TOO_LARGE', `send at most ${mostBytes} bytes`);
}
