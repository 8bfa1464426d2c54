import type { AccessSection } from '../httpd-conf.ts';
import { compileAccess } from './access.ts';
import type { AskedPath } from './asked-path.ts';
import { compileMatcher, type Matcher } from './path-match.ts';

/** An access section, ready to be asked. */
export type AccessGuard = Readonly<{
  section: AccessSection;
  /** Undefined: it is for whatever is proxied. */
  match: Matcher | undefined;
  lets: (address: string) => boolean;
}>;

/** Makes access sections ready to be asked. */
export function compileGuards(sections: readonly AccessSection[]): readonly AccessGuard[] {
  return sections.map((section) => ({
    section,
    match: section.at === undefined ? undefined : compileMatcher(section.at),
    lets: compileAccess(section.rule),
  }));
}

/** Who decides about a request, and how; no guard: nobody does, and it may come in. */
export type Access = Readonly<{ isAllowed: boolean; guard: AccessGuard | undefined }>;

/**
 * Asks the last section that fits, in each way in which the path may be read: one that refuses is enough.
 * `isProxied`: it goes to a balancer, so that `<Proxy *>` is for it too.
 */
export function askAccess(
  guards: readonly AccessGuard[],
  path: AskedPath,
  isProxied: boolean,
  readAddress: () => string,
): Access {
  if (guards.length === 0) return { isAllowed: true, guard: undefined };
  const address = readAddress();
  const guard = findGuard(guards, path, isProxied);
  if (guard?.lets(address) === false) return { isAllowed: false, guard };
  const loose = path.loose && findGuard(guards, path.loose, isProxied);
  if (loose?.lets(address) === false) return { isAllowed: false, guard: loose };
  return { isAllowed: true, guard };
}

function findGuard(
  guards: readonly AccessGuard[],
  path: AskedPath,
  isProxied: boolean,
): AccessGuard | undefined {
  return guards.findLast(({ match }) => (match ? match(path) !== undefined : isProxied));
}
