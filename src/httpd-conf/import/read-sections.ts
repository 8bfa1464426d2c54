import { isFault } from '../../definition/problem.ts';
import { translatePcre } from '../translate/pcre.ts';
import { readAccess } from '../translate/access.ts';
import type { Item, Section } from '../syntax/directive.ts';
import { makeScope, type LocationDraft, type Where } from './draft.ts';
import { readParametersOf } from './read-members.ts';
import { isBalancerUrl, readBalancerName } from './read-target.ts';
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
  const [url, ...parameters] = isTilde ? section.args.slice(1) : section.args;
  if (url === undefined) {
    work.ledger.fail(
      section.head,
      `<${section.name}> is for one URL`,
      `write <${section.name} balancer://name>`,
    );
    return;
  }
  const scope = makeScope();
  const access = readAccess(section.items, work.ledger);
  const more = { ...scope, item: section, ...(access && { access }) };
  if (isTilde || section.key === 'proxymatch') {
    const pattern = translatePcre(url.text);
    if (isFault(pattern)) work.ledger.fail(url, pattern.problem, pattern.advice);
    else {
      work.ledger.take(section, `what is proxied to ${String(pattern)}`);
      server.proxies.push({ ...more, matches: pattern });
    }
    readItems(section.items, { ...where, scope, proxy: url.text });
    return;
  }
  const isAll = /^\*?$/.test(url.text);
  const name = readBalancerName(url.text);
  const matches = isAll ? '' : name === undefined ? url.text.replace(/\*$/, '') : `balancer://${name}`;
  if (isAll || url.text.endsWith('*')) work.ledger.take(section, 'whatever is proxied');
  else readParametersOf(url.text, parameters, { item: section, at: url, where });
  server.proxies.push({ ...more, matches });
  // A balancer that only its section names is one without members.
  readItems(section.items, { ...where, scope, proxy: isAll && !isBalancerUrl(url.text) ? '*' : url.text });
}
