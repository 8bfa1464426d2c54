import type { AccessSection } from '../httpd-conf.ts';
import type { AccessReading } from '../translate/access.ts';
import type { Mapping, Server } from './draft.ts';

/** Who may ask for what. httpd asks `<Proxy>` before `<Location>`, and the main server's before the host's; the last decides. */
export function listAccess(servers: readonly Server[]): readonly AccessSection[] {
  return [
    ...servers.flatMap((server) =>
      server.proxies.flatMap(({ access, url, item: { place } }) =>
        listOf(access, { ...hostOf(server), ...(url !== '' && { url }), place }),
      ),
    ),
    ...servers.flatMap((server) =>
      server.locations.flatMap(({ access, at, item: { place } }) =>
        listOf(access, { ...hostOf(server), at, place }),
      ),
    ),
  ];
}

function listOf(
  { order, satisfy, require }: AccessReading = {},
  base: Omit<AccessSection, 'rule' | 'by' | 'satisfy'>,
): readonly AccessSection[] {
  return [
    ...(order ? [{ ...base, by: 'order' as const, ...(satisfy && { satisfy }), rule: order }] : []),
    ...(require ? [{ ...base, rule: require }] : []),
  ];
}

function hostOf({ host }: Server): Pick<AccessSection, 'host'> {
  return host === undefined ? {} : { host };
}

/** Whether access depends on where requests are sent. */
export function asksUrls(servers: readonly Server[]): boolean {
  return servers.some(({ proxies }) => proxies.some(({ access, url }) => access !== undefined && url !== ''));
}

/** What `<Proxy>` sections see of a target besides its path: as it is written, as httpd compares it. */
export function findUrl({ target, source }: Mapping): string {
  if (target.kind === 'balancer') return `balancer://${target.name}`;
  return /^(?:unix:[^|]*\|)?[a-z][\w+.-]*:\/\/[^/?#$%\\]*/i.exec(source.at.text)?.[0] ?? '';
}
