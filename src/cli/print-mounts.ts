import type { HttpdConf, HttpdMount } from '../httpd-conf/httpd-conf.ts';
import { printSafely } from './paint.ts';

/** What is served where, a line for each mount. */
export function printMounts(mounts: HttpdConf['mounts']): string {
  return mounts.map((mount) => `  ${printSafely(printMount(mount))}\n`).join('');
}

function printMount(mount: HttpdMount): string {
  const { host, at, negated, conditions = [], place } = mount;
  return [
    `${host?.serverName ?? ''}${negated ? 'all but ' : ''}${String(at)}`,
    ...(conditions.length > 0 ? ['(under conditions)'] : []),
    `-> ${printTarget(mount)}`,
    ...(place ? [`(${place.file}:${place.line})`] : []),
  ].join(' ');
}

function printTarget(mount: HttpdMount): string {
  switch (mount.kind) {
    case 'balancer':
      return `balancer ${mount.definition?.name ?? 'balancer'}${mount.to}`;
    case 'manager':
      return 'balancer-manager';
    case 'next':
      return 'not proxied';
    case 'status':
      return String(mount.status);
    case 'cookie':
      return 'a cookie';
  }
}
