import type { MemberSettings, Settings } from '../definition/settings.ts';
import type { Answer } from '../forward/outcome.ts';
import type { Inbound } from '../request/inbound.ts';
import { mapLinks, mapRefresh } from './embedded-urls.ts';
import { compileFieldTable, valuesOf, type RawHeaders } from './headers.ts';
import { findNominated, HOP_BY_HOP } from './hop-by-hop.ts';
import { compileHttpdMapUrl } from './httpd-location.ts';
import { compileHttpdSetCookie } from './httpd-set-cookie.ts';
import { compileMapUrl, type ReverseSettings } from './location.ts';
import { compileRewriteSetCookie, type CookieSettings } from './set-cookie.ts';
import { compileVia } from './via.ts';

/** The head of an answer as the client is to see it. */
export type Reply = Readonly<{
  status: number;
  reason: string;
  headers: RawHeaders;
  /** Fields that Connection says end at this hop, in lower case: trailers of these names do, too. */
  nominated?: ReadonlySet<string> | undefined;
}>;

/** What a client is to see of a member's answer. `routeCookie` is a ready Set-Cookie value. */
export type RewriteAnswer = (
  answer: Answer,
  inbound: Inbound,
  member: MemberSettings,
  routeCookie: string | undefined,
) => Reply;

/** What of the definition decides over answers. */
export type AnswerSettings = ReverseSettings &
  CookieSettings &
  Pick<Settings, 'proxyvia' | 'pseudonym' | 'upgrade' | 'compat'>;

type Field = 'ends-here' | 'trailer' | 'content-length' | 'url' | 'refresh' | 'link' | 'set-cookie';

const httpdFields: Readonly<Record<string, Field>> = {
  ...Object.fromEntries(HOP_BY_HOP.map((name) => [name, 'ends-here' as const])),
  'proxy-authenticate': 'ends-here',
  trailer: 'trailer',
  'content-length': 'content-length',
  location: 'url',
  'content-location': 'url',
  uri: 'url',
  destination: 'url',
  'set-cookie': 'set-cookie',
};

const fieldOfHttpd = compileFieldTable(httpdFields);
const fieldOfOurs = compileFieldTable<Field>({ ...httpdFields, refresh: 'refresh', link: 'link' });

const framingOf = compileFieldTable({ 'content-length': 'counted', 'transfer-encoding': 'coded' } as const);

/** Makes the rewriting of answers. It is for these members only: others, others' rewriting. */
export function compileRewriteAnswer(
  settings: AnswerSettings,
  members: readonly MemberSettings[],
): RewriteAnswer {
  const isHttpd = settings.compat === 'httpd';
  const fieldOf = isHttpd ? fieldOfHttpd : fieldOfOurs;
  const mapUrl = (isHttpd ? compileHttpdMapUrl : compileMapUrl)(settings, members);
  const rewriteSetCookie = (isHttpd ? compileHttpdSetCookie : compileRewriteSetCookie)(settings, members);
  const via = compileVia(settings);
  const mapEmbedded = (
    mapIn: typeof mapLinks,
    value: string,
    inbound: Inbound,
    member: MemberSettings,
  ): string => (mapUrl === undefined ? value : mapIn(value, (url) => mapUrl(url, inbound, member)));

  return function rewriteAnswer(answer, inbound, member, routeCookie) {
    const received = answer.headers;
    const nominated = findNominated(received);
    const { keepsLength, mayHaveTrailers } = readFraming(answer, inbound);
    const headers: string[] = [];
    let hasLength = false;

    for (let i = 0; i < received.length; i += 2) {
      const name = received[i]!;
      const value = received[i + 1]!;
      if (nominated?.has(name.toLowerCase())) continue;
      switch (fieldOf(name)) {
        case undefined:
          headers.push(name, value);
          break;
        case 'ends-here':
          break;
        case 'trailer':
          if (mayHaveTrailers) headers.push(name, value);
          break;
        case 'content-length':
          // httpd takes the first of several.
          if (keepsLength && !hasLength) headers.push(name, value);
          hasLength = true;
          break;
        case 'url':
          headers.push(name, mapUrl === undefined ? value : mapUrl(value, inbound, member));
          break;
        case 'refresh':
          headers.push(name, mapEmbedded(mapRefresh, value, inbound, member));
          break;
        case 'link':
          headers.push(name, mapEmbedded(mapLinks, value, inbound, member));
          break;
        case 'set-cookie':
          headers.push(name, rewriteSetCookie?.(value, inbound, member) ?? value);
          break;
      }
    }

    if (answer.status === 101 || answer.status === 426) {
      const upgrade = readUpgrade(answer, settings.upgrade);
      if (upgrade !== '') headers.push('Connection', 'Upgrade', 'Upgrade', upgrade);
    }
    if (routeCookie !== undefined) headers.push('Set-Cookie', routeCookie);
    const entry = via.answer(answer.httpVersion);
    if (entry !== undefined) headers.push('Via', entry);
    const { status, reason } = answer;
    return nominated ? { status, reason, headers, nominated } : { status, reason, headers };
  };
}

/** Whether the answer's length can be told to the client, and whether anything can follow its body. */
function readFraming(
  { status, headers }: Answer,
  { method, httpVersion }: Inbound,
): { keepsLength: boolean; mayHaveTrailers: boolean } {
  let isCounted = false;
  let isCoded = false;
  for (let i = 0; i < headers.length; i += 2) {
    const framing = framingOf(headers[i]!);
    if (framing === 'counted') isCounted = true;
    else if (framing === 'coded') isCoded = true;
  }
  // RFC 9110 8.6: none in 1xx and 204. httpd drops that of 304 as well.
  const hasNoBody = status < 200 || status === 204 || status === 304;
  // RFC 9112 6.3: Transfer-Encoding overrides it, and both together smell of smuggling.
  const keepsLength = !isCoded && !hasNoBody;
  // Node refuses a Trailer field where it does not write chunks.
  const mayHaveTrailers =
    !(isCounted && keepsLength) && !hasNoBody && method !== 'HEAD' && httpVersion !== '1.0';
  return { keepsLength, mayHaveTrailers };
}

/** Upgrade ends here, but for the switch that was asked for and, in 426, the call for a protocol: one that is allowed, if there is one. */
function readUpgrade({ status, headers }: Answer, allowed: ReadonlySet<string>): string {
  const upgrade = valuesOf(headers, 'upgrade').join(', ');
  if (status === 101) return upgrade;
  const possible = upgrade
    .split(',')
    .map((protocol) => protocol.trim())
    .filter((protocol) => protocol !== '' && (allowed.has('*') || allowed.has(protocol.toLowerCase())))
    .join(', ');
  // RFC 9110 15.5.22: 426 says what it calls for, be it something that cannot be had here.
  return possible || upgrade;
}
