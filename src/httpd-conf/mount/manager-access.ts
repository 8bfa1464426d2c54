import type { ManagerOptions } from '../../manager/index.ts';
import type { AccessRule, AccessSection, HttpdMount } from '../httpd-conf.ts';
import type { Mounted } from './handler.ts';
import { isLoopback } from '../../manager/door/loopback.ts';
import { readAddress } from './read-address.ts';

/**
 * Who may come in to the manager by the configuration alone. Where each place of it has a section of its own, that was
 * asked before the manager is; what is for this machine alone the manager guards better.
 */
export function chooseAuthorize({ mounts, access = [] }: Mounted): ManagerOptions['authorize'] {
  const rules = mounts
    .filter(({ kind }) => kind === 'manager')
    .map((mount) => access.findLast((section) => isOwn(section, mount))?.rule);
  const isGuarded = rules.every((rule) => rule !== undefined);
  if (!isGuarded || rules.every(isForThisMachine)) return 'loopback-only';
  // Named in the log of changes.
  return (req) => readAddress(req);
}

/** A rule around all of a site is not one for the manager. */
function isOwn({ at, host }: AccessSection, mount: HttpdMount): boolean {
  return host === mount.host && at !== undefined && String(at) === String(mount.at);
}

function isForThisMachine(rule: AccessRule | undefined): boolean {
  return (
    rule?.order === 'allow,deny' && rule.allow.every((address) => address === 'local' || isLoopback(address))
  );
}
