import { describe } from '../../definition/describe.ts';
import { isFault } from '../../definition/problem.ts';
import type { Ledger } from '../ledger.ts';
import { translatePcre } from '../translate/pcre.ts';
import { readAccess } from '../translate/access.ts';
import type { Item, Section } from '../syntax/directive.ts';
import { makeScope, type LocationDraft, type Where } from './draft.ts';
import { readParametersOf } from './read-members.ts';
import { isBalancerUrl, readBalancerName } from './read-target.ts';
import { isAbsoluteUrl, readServerUrl } from './read-url.ts';
import { wildcardToRegExp } from './wildcards.ts';

/** Reads what is in a section. */
type ReadItems = (items: readonly Item[], where: Where) => void;

/** Reads `<Location>` and `<LocationMatch>`. */
export function readLocation(section: Section, where: Where, readItems: ReadItems): void {
  const { work, server } = where;
  if (where.location !== undefined || where.proxy !== undefined) {
    work.ledger.fail(
      section.head,
      `<${section.name}> cannot stand in another section`,
      'close that one before it',
    );
    return;
  }
  const isTilde = section.key === 'location' && section.args[0]?.text === '~';
  const at = section.args[isTilde ? 1 : 0];
  if (at === undefined || section.args.length > (isTilde ? 2 : 1)) {
    work.ledger.fail(
      at ?? section.head,
      `<${section.name}> is for one path`,
      `write <${section.name} /path>`,
    );
    return;
  }
  const isPattern = isTilde || section.key === 'locationmatch';
  const pattern = isPattern ? translatePcre(at.text) : (wildcardToRegExp(at.text) ?? at.text);
  if (isFault(pattern)) {
    work.ledger.fail(at, pattern.problem, pattern.advice);
    return;
  }
  const location: LocationDraft = { ...makeScope(), at: pattern, path: at.text, item: section };
  work.ledger.take(section, `paths ${typeof pattern === 'string' ? pattern : String(pattern)}`);
  const access = readAccess(section.items, work.ledger);
  if (access !== undefined) location.access = access;
  server.locations.push(location);
  readItems(section.items, { ...where, scope: location, location });
}

/** Reads `<Proxy>` and `<ProxyMatch>`. */
export function readProxySection(section: Section, where: Where, readItems: ReadItems): void {
  const { work, server } = where;
  const isTilde = section.key === 'proxy' && section.args[0]?.text === '~';
  const [first, ...parameters] = isTilde ? section.args.slice(1) : section.args;
  // httpd takes none for an empty one, which every URL begins with.
  const url = first ?? { ...section.head, text: '' };
  const scope = makeScope();
  const access = readAccess(section.items, work.ledger);
  const more = { ...scope, item: section, ...(access && { access }) };
  if (isTilde || section.key === 'proxymatch') {
    const pattern = translatePcre(url.text);
    if (isFault(pattern)) work.ledger.fail(url, pattern.problem, pattern.advice);
    else {
      work.ledger.take(section, `what is proxied to ${String(pattern)}`);
      server.proxies.push({ ...more, matches: pattern, url: pattern });
    }
    readItems(section.items, { ...where, scope, proxy: url.text });
    return;
  }
  const isAll = /^\*?$/.test(url.text);
  const name = readBalancerName(url.text);
  const matches = isAll ? '' : name === undefined ? url.text.replace(/\*$/, '') : `balancer://${name}`;
  const kind = isAll ? 'all' : judgeUrl(url.text);
  if (kind === 'whole') readParametersOf(url.text, parameters, { item: section, at: url, where });
  else if (parameters.length > 0 && (url.text.endsWith('*') || !isAbsoluteUrl(url.text)))
    work.ledger.fail(
      parameters[0]!,
      'parameters are for one URL',
      'write <Proxy http://host:port key=value>',
    );
  else if (kind === 'all') work.ledger.take(section, 'whatever is proxied');
  else if (kind === 'begin')
    work.ledger.take(section, `what is proxied to URLs that begin with ${describe(matches)}`);
  else if (kind === 'wild') work.ledger.take(section, `what is proxied to ${describe(url.text)}`);
  if (kind === 'begin' && parameters.length > 0)
    work.ledger.differ(section, 'its parameters are left out: no server has this very URL');
  if (kind !== 'none') server.proxies.push({ ...more, matches, url: isAll ? '' : readUrl(url.text, name) });
  // A balancer that only its section names is one without members.
  readItems(section.items, { ...where, scope, proxy: isAll && !isBalancerUrl(url.text) ? '*' : url.text });
  if (kind === 'none') dropAll([section], `nothing is proxied to ${describe(url.text)}`, work.ledger);
}

/** Of a section's URL: whether servers or balancers have such a one, or one that begins so, which is enough for httpd. */
function judgeUrl(text: string): 'whole' | 'wild' | 'begin' | 'none' {
  if (text.endsWith('*')) return 'wild';
  if (isBalancerUrl(text) && text.length > 'balancer://'.length)
    return readBalancerName(text) === undefined ? 'none' : 'whole';
  if (['balancer://', 'https://', 'http://', 'wss://', 'ws://'].some((all) => all.startsWith(text)))
    return 'begin';
  const server = readServerUrl(text);
  if (!isFault(server)) return 'whole';
  return /^(?:(?:http|ws)s?:\/\/[^/]|unix:)/i.test(text) ? 'begin' : 'none';
}

function dropAll(items: readonly Item[], why: string, ledger: Ledger): void {
  for (const item of items) {
    ledger.drop(item, why);
    if (item.kind === 'section') dropAll(item.items, why, ledger);
  }
}

/** httpd: a URL with wildcards is for the whole, which a slash does not end; any other for whatever begins so. */
function readUrl(text: string, name: string | undefined): string | RegExp {
  const url = name === undefined ? text : text.replace(/^balancer:\/\/[^/?#]*/i, `balancer://${name}`);
  if (!/[*?]/.test(url)) return url;
  const source = url.replace(/[*?]|[^\w\s]/g, (letter) =>
    letter === '*' ? '.*' : letter === '?' ? '.' : `\\${letter}`,
  );
  return new RegExp(`^${source}$`, 's');
}
