import type { HttpdMount } from '../httpd-conf.ts';
import { isBelow } from './effective.ts';
import type { LocationDraft, Server, Work } from './draft.ts';

/** Mounts of the manager, and whether anybody gets there. */
export function listManagers(
  servers: readonly Server[],
  mounts: readonly HttpdMount[],
  work: Work,
): readonly HttpdMount[] {
  return servers.flatMap((server) =>
    server.locations.flatMap((location): readonly HttpdMount[] => {
      const { manager, at } = location;
      if (manager === undefined) return [];
      tellReach(location, server, mounts, work);
      return [{ ...(server.host && { host: server.host }), at, kind: 'manager', place: manager.place }];
    }),
  );
}

/** In httpd, paths are mapped before a handler is asked. */
function tellReach(
  { at, path, manager, access }: LocationDraft,
  { host }: Server,
  mounts: readonly HttpdMount[],
  { ledger }: Work,
): void {
  const first = mounts.find(
    (mount) =>
      (mount.host === undefined || host === undefined || mount.host === host) &&
      mount.kind !== 'cookie' &&
      mount.conditions === undefined &&
      fits(mount, typeof at === 'string' ? at : path),
  );
  if (first !== undefined && first.kind !== 'next') {
    const line = first.place === undefined ? '' : ` in line ${first.place.line}`;
    ledger.differ(
      manager!,
      `nobody gets there: its path is proxied by what stands${line}; write ProxyPass ${path} ! before that`,
    );
  }
  if (access === undefined)
    ledger.differ(
      manager!,
      'here the manager asks for more than httpd: write Require in its <Location>, or authorize where it is mounted; without either it is for this machine alone',
    );
  else ledger.take(manager!, 'for those that its <Location> allows');
}

function fits({ at, negated }: HttpdMount, path: string): boolean {
  const isFit = typeof at === 'string' ? isBelow(path, at) : at.test(path);
  return isFit !== (negated ?? false);
}
