import type { ManagerOptions } from '../../manager/index.ts';
import type { AccessSection, HttpdMount } from '../httpd-conf.ts';
import type { Mounted } from './handler.ts';
import { isLoopback } from '../../manager/door/loopback.ts';
import { readAddress } from './read-address.ts';

/**
 * Who may come in to the manager by the configuration alone. Where each place of it has a section of its own, that was
 * asked before the manager is; what is for this machine alone the manager guards better.
 */
export function chooseAuthorize({ mounts, access = [] }: Mounted): ManagerOptions['authorize'] {
  const sections = mounts
    .filter(({ kind }) => kind === 'manager')
    .map((mount) => [findOwn(access, mount, 'order'), findOwn(access, mount, 'require')] as const);
  const isGuarded = sections.every(([order, required]) => order !== undefined || required !== undefined);
  if (!isGuarded || sections.every(areForThisMachine)) return 'loopback-only';
  // Named in the log of changes.
  return (req) => readAddress(req);
}

type Own = AccessSection | undefined;

/** A rule around all of a site is not one for the manager. */
function findOwn(access: readonly AccessSection[], mount: HttpdMount, of: 'order' | 'require'): Own {
  return access.findLast(
    ({ at, host, url, by = 'require' }) =>
      host === mount.host && url === undefined && by === of && String(at) === String(mount.at),
  );
}

/** Both must let a request pass, unless one is enough. */
function areForThisMachine([order, required]: readonly [order: Own, required: Own]): boolean {
  const [first, second] = [order, required].map(isForThisMachine);
  return order?.satisfy === 'any' ? first! && second! : first! || second!;
}

function isForThisMachine(section: Own): boolean {
  if (section === undefined) return false;
  const { order, allow, deny } = section.rule;
  const isLocal = allow.every((address) => address === 'local' || isLoopback(address));
  return isLocal && (order === 'allow,deny' || deny.includes('all'));
}
