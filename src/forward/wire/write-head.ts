import { compileFieldTable } from '../../rewrite/headers.ts';
import type { Body } from '../../request/body.ts';
import type { Outbound } from '../sender.ts';
import { isTarget, isToken, isValue } from './characters.ts';
import { BadRequest } from './wire-error.ts';

/** The head of a request, ready to be written. */
export type Head = Readonly<{
  /** Up to the empty line, but for how the body is framed. */
  text: string;
  /** The connection may carry another request afterwards. */
  isKept: boolean;
}>;

/** Fields that belong to a connection, or would have the member wait for what nobody sends. */
const refusedOf = compileFieldTable({
  connection: true,
  expect: true,
  'keep-alive': true,
  'transfer-encoding': true,
  upgrade: true,
});

const lengthOf = compileFieldTable({ 'content-length': true });

/** RFC 9110 8.6: methods that give content a meaning; whoever reads a request by one of them looks for its body. */
const contentMethods: ReadonlySet<string> = new Set([
  'PATCH',
  'POST',
  'PROPFIND',
  'PROPPATCH',
  'PUT',
  'QUERY',
]);

export function expectsContent(method: string): boolean {
  return contentMethods.has(method);
}

/** Writes a request's head; throws a BadRequest at what would mean something else on the wire than here. */
export function writeHead({ method, path, headers, upgrade, body }: Outbound, disablereuse: boolean): Head {
  if (!isToken(method)) throw new BadRequest(`${JSON.stringify(method)} is no method`);
  if (!isTarget(path)) throw new BadRequest('the path has characters that a target cannot have');
  let text = `${method} ${path} HTTP/1.1\r\n`;
  let isCounted = false;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i]!;
    const value = headers[i + 1]!;
    if (!isToken(name) || refusedOf(name)) throw new BadRequest(`the field ${JSON.stringify(name)}`);
    if (!isValue(value)) throw new BadRequest(`the value of ${name}`);
    if (lengthOf(name)) {
      if (isCounted || value !== String(lengthOfBody(body))) throw new BadRequest(`Content-Length ${value}`);
      isCounted = true;
    }
    text += `${name}: ${value}\r\n`;
  }
  if (!isCounted) text += writeLength(method, body);
  if (upgrade !== undefined) {
    if (!isValue(upgrade)) throw new BadRequest('the value of Upgrade');
    return { text: `${text}Connection: Upgrade\r\nUpgrade: ${upgrade}\r\n`, isKept: false };
  }
  // A member that does not look for a body here would read it as the next request.
  const isTrusted = body.kind === 'none' || contentMethods.has(method);
  // A member that sends content with its answer to HEAD, a common mistake, would spoil the next answer.
  const isKept = !disablereuse && isTrusted && method !== 'HEAD';
  return { text: text + (isKept ? 'Connection: keep-alive\r\n' : 'Connection: close\r\n'), isKept };
}

/** Undefined where the body is chunked. */
function lengthOfBody(body: Body): number | undefined {
  switch (body.kind) {
    case 'none':
      return 0;
    case 'bytes':
      return body.bytes.length;
    case 'stream':
      return body.length;
  }
}

function writeLength(method: string, body: Body): string {
  const length = lengthOfBody(body);
  if (length === undefined) return '';
  return length > 0 || contentMethods.has(method) ? `Content-Length: ${length}\r\n` : '';
}
