import type { MemberSettings, Settings } from '../definition/settings.ts';
import type { Outbound } from '../forward/sender.ts';
import type { Body } from '../request/body.ts';
import type { Inbound } from '../request/inbound.ts';
import { joinPath } from '../request/path.ts';
import { joinAsWritten } from './as-written.ts';
import { compileAddForwarded, isForwardedField, isPlainName } from './forwarded.ts';
import { compileFieldTable, compileLookAlikes, valuesOf } from './headers.ts';
import { findNominated, HOP_BY_HOP } from './hop-by-hop.ts';
import { heedsMaxForwards, missingMaxForwards, readMaxForwards } from './max-forwards.ts';
import { compileVia } from './via.ts';

/** What a member is to see of a client's request. */
export type RewriteRequest = (inbound: Inbound, member: MemberSettings, body: Body) => Outbound;

/** What of the definition decides over requests. */
export type RequestSettings = Pick<
  Settings,
  'proxypreservehost' | 'xForwarded' | 'forwarded' | 'proxyvia' | 'pseudonym' | 'proxymaxforwards' | 'compat'
>;

type Field =
  'ends-here' | 'cookie' | 'content-length' | 'content-type' | 'content-encoding' | 'via' | 'max-forwards';

const fieldOf = compileFieldTable<Field>({
  ...Object.fromEntries(HOP_BY_HOP.map((name) => [name, 'ends-here' as const])),
  // Ours stands first.
  host: 'ends-here',
  // RFC 9110 10.1.1: 100 (Continue) is settled between the client and us; the sender waits for nobody.
  expect: 'ends-here',
  // httpd passes it on; credentials for a proxy are nobody's beyond it.
  'proxy-authorization': 'ends-here',
  cookie: 'cookie',
  'content-length': 'content-length',
  'content-type': 'content-type',
  'content-encoding': 'content-encoding',
  via: 'via',
  'max-forwards': 'max-forwards',
});

/** Framing, credentials and the like under another name, for members that cannot tell the two apart: they end here. */
const isLookAlike = compileLookAlikes([
  ...HOP_BY_HOP,
  'proxy-authorization',
  'content-length',
  'content-type',
  'content-encoding',
  'max-forwards',
]);

/** Makes the rewriting of requests. `serverName` is what X-Forwarded-Server says: the machine's host name. */
export function compileRewriteRequest(settings: RequestSettings, serverName: string): RewriteRequest {
  const addForwarded = compileAddForwarded(settings, serverName);
  const via = compileVia(settings);
  const join = settings.compat === 'httpd' ? joinAsWritten : joinBelow;

  return function rewriteRequest(inbound, member, body) {
    const received = inbound.headers;
    const nominated = findNominated(received);
    const headers = ['Host', (settings.proxypreservehost && inbound.host) || member.host];
    const peerForwarded: string[] = [];
    let length = lengthOf(body);
    let contentType = body.kind === 'bytes' ? body.contentType : undefined;
    const replacesType = contentType !== undefined;
    let hasCookie = false;

    // All that came is taken out before anything of ours goes in: Connection can name away only what the client sent.
    for (let i = 0; i < received.length; i += 2) {
      const name = received[i]!;
      const value = received[i + 1]!;
      if (nominated?.has(name.toLowerCase())) continue;
      if (addForwarded !== undefined && isForwardedField(name)) {
        if (inbound.trusted && isPlainName(name)) peerForwarded.push(name, value);
        continue;
      }
      switch (fieldOf(name)) {
        case undefined:
          if (!isLookAlike(name)) headers.push(name, value);
          break;
        case 'ends-here':
          break;
        case 'cookie':
          // RFC 9113 8.2.3: several lines are one, joined with "; ". Backends misread the comma that httpd puts there.
          if (!hasCookie) headers.push(name, joinCookies(received));
          hasCookie = true;
          break;
        case 'content-length':
          if (length !== undefined) headers.push(name, length);
          length = undefined;
          break;
        case 'content-type':
          if (!replacesType) headers.push(name, value);
          else if (contentType !== undefined) headers.push(name, contentType);
          contentType = undefined;
          break;
        case 'content-encoding':
          // A body parser has decoded what it left.
          if (body.kind !== 'bytes') headers.push(name, value);
          break;
        case 'via':
          if (!via.blocks) headers.push(name, value);
          break;
        case 'max-forwards':
          headers.push(name, heedsMaxForwards(inbound.method) ? decrement(inbound, value) : value);
          break;
      }
    }

    if (contentType !== undefined) headers.push('Content-Type', contentType);
    if (length !== undefined) headers.push('Content-Length', length);
    addForwarded?.(headers, inbound, peerForwarded);
    const maxForwards = missingMaxForwards(settings.proxymaxforwards, inbound.method, received);
    if (maxForwards !== undefined) headers.push('Max-Forwards', maxForwards);
    const entry = via.request(inbound.httpVersion);
    if (entry !== undefined) headers.push('Via', entry);
    return {
      method: inbound.method,
      path: join(member, inbound.pathToMember) + inbound.query,
      headers,
      upgrade: inbound.upgrade,
      body,
    };
  };
}

function joinBelow({ basePath }: MemberSettings, path: string): string {
  return joinPath(basePath, path);
}

function lengthOf(body: Body): string | undefined {
  switch (body.kind) {
    case 'none':
      return body.counted ? '0' : undefined;
    case 'bytes':
      return String(body.bytes.length);
    case 'stream':
      return body.length === undefined ? undefined : String(body.length);
  }
}

function joinCookies(received: Inbound['headers']): string {
  return valuesOf(received, 'cookie').join('; ');
}

/** Requests with 0 or nonsense in it have been answered before they come here. */
function decrement(inbound: Inbound, value: string): string {
  const maxForwards = readMaxForwards(inbound.method, inbound.headers);
  return maxForwards.kind === 'forward' ? String(maxForwards.left) : value;
}
