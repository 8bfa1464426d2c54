import { isFault } from '../../definition/problem.ts';
import type { Argument, Item } from '../syntax/directive.ts';
import { makeBag, type Bag, type MemberOptions, type Target, type Work } from './draft.ts';
import { beginsWithSlash, isAnything } from './groups.ts';
import { readServerUrl } from './read-url.ts';

const balancer = /^balancer:\/\/([^/?#]*)([^]*)$/i;

/** A name of a balancer as httpd has it, in lower case; undefined where it is none. */
export function readBalancerName(text: string): string | undefined {
  const name = balancer.exec(text)?.[1]?.toLowerCase();
  return name !== undefined && /^[\w.:-]{1,100}$/.test(name) ? name : undefined;
}

/** Whether a URL names a balancer, rightly or not. */
export function isBalancerUrl(text: string): boolean {
  return balancer.test(text);
}

/**
 * What a target is. `pattern`: the source of the pattern whose groups it may have in it. Undefined where it is wrong,
 * which has been told.
 */
export function readTarget(
  { item, at, pattern }: Readonly<{ item: Item; at: Argument; pattern?: string }>,
  { ledger }: Work,
): Target | undefined {
  if (at.text === '!' || at.text === '-') return { kind: 'next' };
  const text = pattern === undefined ? at.text : cutGroup(at.text, pattern);
  const isPattern = pattern !== undefined;
  const rest = writePath(at.text.slice(text.length), isPattern);
  if (at.text.includes('?'))
    ledger.take(item, 'its ? is sent as %3F, as by httpd: a RewriteRule with [P] can have a query');
  if (/%[\da-f]{2}/i.test(at.text))
    ledger.differ(item, 'what is encoded in it is sent so; httpd encodes each % once more');
  if (pattern !== undefined && rest !== '' && !beginsWithSlash(pattern, Number(rest[1])))
    ledger.differ(
      item,
      `what ${rest} holds is a path, with a / before it; in httpd what has none is a part of the ${isBalancerUrl(text) ? "balancer's" : "server's"} name`,
    );
  if (pattern !== undefined && hasGroup(readAuthority(text))) {
    const problem = isBalancerUrl(text)
      ? 'a request would choose the balancer by its name'
      : 'a request would choose the server that it is sent to';
    ledger.fail(at, problem, 'write the name itself, and groups after a / behind it only');
    return undefined;
  }
  if (isBalancerUrl(text)) {
    const name = readBalancerName(text);
    if (name !== undefined)
      return { kind: 'balancer', name, to: `${writePath(balancer.exec(text)![2]!, isPattern)}${rest}` };
    ledger.fail(at, 'no balancer has such a name', 'write balancer://name of letters, digits, - _ and .');
    return undefined;
  }
  const url = readServerUrl(text);
  if (isFault(url)) {
    ledger.fail(at, url.problem, 'write http://host:port/path, balancer://name/path or !');
    return undefined;
  }
  if ('why' in url) {
    ledger.drop(item, `${url.why}; requests for it are answered with 503`);
    return { kind: 'refused', name: nameOf(readAuthority(text)), to: '' };
  }
  const parameters: Bag<MemberOptions> = makeBag();
  if (url.isWebSocket) {
    parameters.options = { upgrade: ['websocket'] };
    parameters.from.set('upgrade', { item, at });
  }
  return { kind: 'server', url: url.origin, to: `${writePath(url.path, isPattern)}${rest}`, parameters };
}

/** What a lone server's balancer is called: its host and port. */
export function nameOf(authority: string): string {
  return authority.toLowerCase() || 'server';
}

/** The authority of a URL, as far as it goes. */
export function readAuthority(text: string): string {
  return /^(?:unix:[^|]*\|)?[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(text)?.[1] ?? '';
}

/** httpd takes a ? for a part of the path. Beside a pattern, %1 would be a group of a condition, of which there is none. */
function writePath(path: string, isPattern: boolean): string {
  const encoded = path.replaceAll('?', '%3F');
  return isPattern ? encoded.replaceAll(/\\.|%/g, (found) => (found === '%' ? '\\%' : found)) : encoded;
}

function hasGroup(authority: string): boolean {
  return /[$%]/.test(authority);
}

/**
 * `http://host$1` names the host alone where the group cannot but begin with a slash, or where it is the end of the target
 * and may be anything.
 */
function cutGroup(text: string, pattern: string): string {
  const [, before, number, end] =
    /^((?:unix:[^|]*\|)?[a-z][a-z0-9+.-]*:\/\/[^/?#$%]+)\$(\d)([^]*)$/i.exec(text) ?? [];
  if (before === undefined) return text;
  const isPath =
    beginsWithSlash(pattern, Number(number)) ||
    (end === '' && /[\w\]]$/.test(before) && isAnything(pattern, Number(number)));
  return isPath ? before : text;
}
