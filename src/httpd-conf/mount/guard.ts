import type { AccessSection } from '../httpd-conf.ts';
import { compileAccess } from './access.ts';
import type { AskedPath } from './asked-path.ts';
import { execPattern } from '../../patterns/exec-pattern.ts';
import { compileMatcher, type Matcher } from './path-match.ts';

/** An access section, ready to be asked. */
export type AccessGuard = Readonly<{
  section: AccessSection;
  /** Undefined: it is for whatever is proxied. */
  match: Matcher | undefined;
  /** Undefined: it is not for a URL. */
  isFor: ((url: string) => boolean) | undefined;
  lets: (address: string) => boolean;
}>;

/** Makes access sections ready to be asked. */
export function compileGuards(sections: readonly AccessSection[]): readonly AccessGuard[] {
  return sections.map((section) => ({
    section,
    match: section.at === undefined ? undefined : compileMatcher(section.at),
    isFor: compileUrl(section.url),
    lets: compileAccess(section.rule),
  }));
}

function compileUrl(url: AccessSection['url']): AccessGuard['isFor'] {
  if (url === undefined) return undefined;
  if (typeof url === 'string') return (whole) => whole.startsWith(url);
  return (whole) => execPattern(url, whole) !== null;
}

/** Who decides about a request, and how; no guard: nobody does, and it may come in. */
export type Access = Readonly<{ isAllowed: boolean; guard: AccessGuard | undefined }>;

/** Where a request is sent: the front of the URL, and the path; no path: it is refused, since there is no such. */
export type Sent = Readonly<{ url: string; path: AskedPath | undefined }>;

/** A request in one of the ways in which it may be read. */
type Reading = Readonly<{ path: AskedPath; sent: Sent | undefined }>;

/**
 * Asks the last section of each module that fits, in each way in which the path may be read: one that refuses is enough.
 * `readSent`: undefined for what goes to no balancer, so that `<Proxy>` is not for it.
 */
export function askAccess(
  guards: readonly AccessGuard[],
  path: AskedPath,
  readSent: () => Sent | undefined,
  readAddress: () => string,
): Access {
  if (guards.length === 0) return { isAllowed: true, guard: undefined };
  const address = readAddress();
  const sent = readSent();
  const access = askModules(guards, { path, sent }, address);
  const looseSent = sent?.path?.loose;
  if (!access.isAllowed || (path.loose === undefined && looseSent === undefined)) return access;
  const loose: Reading = {
    path: path.loose ?? path,
    sent: sent && looseSent ? { ...sent, path: looseSent } : sent,
  };
  const other = askModules(guards, loose, address);
  return other.isAllowed ? access : other;
}

/** mod_access_compat and mod_authz_core, each by its own last section. */
function askModules(guards: readonly AccessGuard[], reading: Reading, address: string): Access {
  const order = guards.findLast((guard) => guard.section.by === 'order' && fits(guard, reading));
  const required = guards.findLast((guard) => guard.section.by !== 'order' && fits(guard, reading));
  const refusing = [order, required].filter((guard) => guard?.lets(address) === false);
  // Where there is no Require, httpd takes it for granted.
  const mayRefuse = order?.section.satisfy === 'any' ? 1 : 0;
  return refusing.length > mayRefuse
    ? { isAllowed: false, guard: refusing.at(-1) }
    : { isAllowed: true, guard: [required, order].find((guard) => guard && !refusing.includes(guard)) };
}

function fits({ isFor, match }: AccessGuard, { path, sent }: Reading): boolean {
  if (match && match(path) === undefined) return false;
  if (isFor === undefined) return match !== undefined || sent !== undefined;
  return sent?.path !== undefined && isFor(sent.url + sent.path.decoded().text);
}
