import type { BalancerDefinition } from '../../definition/definition.ts';
import type { AccessRule, HttpdConf, HttpdMount, VirtualHost } from '../httpd-conf.ts';
import type { Origins } from './comments.ts';
import { group, indent, line, type Doc } from './layout.ts';
import { printText } from './print-text.ts';
import { printArray, printCall, printObject } from './print-value.ts';

/** A mount that Express can do by itself. */
export type PlainMount = HttpdMount &
  Readonly<{ at: string }> &
  (Readonly<{ kind: 'balancer'; definition: BalancerDefinition }> | Readonly<{ kind: 'manager' }>);

/** Of no meaning to any version of Express. */
const plainPath = /^(?:\/[\w.~-]+)*\/?$/;

/**
 * The mounts where each is a path that an Express app can be told by itself; undefined where there are more rules than
 * that. A single host is asked for whatever host is named.
 */
export function findPlainMounts({ mounts, hosts, access }: HttpdConf): readonly PlainMount[] | undefined {
  const [host, ...others] = hosts;
  const isOpen = access.every(({ rule }) => isEverybodyAllowed(rule));
  if (others.length > 0 || !isOpen) return undefined;
  const reached = mounts.filter((mount) => isReached(mount, host));
  if (!reached.every(isPlain)) return undefined;
  const sorted = sortManagersLast(reached);
  return sorted.some((mount, i) => sorted.slice(i + 1).some((later) => isHidden(later, mount)))
    ? undefined
    : sorted;
}

/** Whether Express, which compares without case and last slash, would give an earlier mount what httpd gives a later one. */
function isHidden({ at: later }: PlainMount, { at: earlier }: PlainMount): boolean {
  const key = (at: string): string => `${at.toLowerCase().replace(/\/$/, '')}/`;
  return key(later).startsWith(key(earlier)) && !later.startsWith(earlier);
}

/** A section that sets a handler is every host's; a ProxyPass of the main server is not. */
function isReached(mount: HttpdMount, host: VirtualHost | undefined): boolean {
  if (mount.host === host) return true;
  return mount.host === undefined && (mount.kind === 'manager' || host?.inherits === true);
}

function isEverybodyAllowed({ order, allow, deny }: AccessRule): boolean {
  if (order === 'deny,allow') return deny.length === 0 || allow.includes('all');
  return deny.length === 0 && allow.includes('all');
}

function isPlain(mount: HttpdMount): mount is PlainMount {
  const { at, negated, conditions = [], kind } = mount;
  if (typeof at !== 'string' || !plainPath.test(at) || negated || conditions.length > 0) return false;
  if (kind !== 'balancer') return kind === 'manager';
  const { to, appendsPath, query = 'keep', definition } = mount;
  return plainPath.test(to) && !appendsPath && query === 'keep' && definition?.compat === undefined;
}

/** As a handler in httpd comes after the mapping of paths. */
function sortManagersLast(mounts: readonly PlainMount[]): readonly PlainMount[] {
  const isManager = ({ kind }: PlainMount): boolean => kind === 'manager';
  return [...mounts.filter((mount) => !isManager(mount)), ...mounts.filter(isManager)];
}

/** `export function mount(app)`, in Express's own words. */
export function printExpressMount(
  mounts: readonly PlainMount[],
  names: ReadonlyMap<BalancerDefinition, string>,
  origins: Origins,
): Doc {
  if (mounts.length === 0) return 'export function mount(_app: Express): void {}';
  const hasManager = mounts.some(({ kind }) => kind === 'manager');
  const parameters = ['app: Express', ...(hasManager ? [`{ authorize }: ${managerParameter}`] : [])];
  const uses = mounts.flatMap((mount) => [
    ...origins.ofPlace(mount.place).flatMap((text) => [line, text]),
    line,
    printUse(mount, names),
  ]);
  const notes = noteDifferences(mounts).flatMap((text) => [line, text]);
  return group(
    [printCall('export function mount', parameters), ': void {', indent([notes, uses]), line, '}'],
    true,
  );
}

/** What is asked of whoever mounts a manager. */
export const managerParameter = "Pick<ManagerOptions, 'authorize'>";

/** Where Express differs from httpd, so that somebody may notice. */
function noteDifferences(mounts: readonly PlainMount[]): readonly string[] {
  const notes = [
    ...(mounts.some(({ at }) => at !== '/')
      ? [
          '// Express compares paths without case and as they are encoded, and takes',
          "// '/path' for '/path/' too, and keeps '//'; httpd does not.",
        ]
      : []),
    ...(mounts.some((mount) => mount.kind === 'balancer' && mount.at !== '/' && belowOf(mount) !== '')
      ? ["// For '/path' alone, '/sub/' is asked for where httpd asks for '/sub'."]
      : []),
  ];
  return notes.length > 0 ? [...notes, '//'] : [];
}

/** What is asked for below the members' own paths, without trailing slash. */
function belowOf({ to }: Extract<PlainMount, { kind: 'balancer' }>): string {
  return to.replace(/\/+$/, '');
}

function printUse(mount: PlainMount, names: ReadonlyMap<BalancerDefinition, string>): Doc {
  if (mount.kind === 'manager') {
    const balancers = printArray([...names.values()].map((value) => ({ value })));
    // Without any it is there for those of the app.
    const options = printObject([
      ...(names.size > 0 ? [{ key: 'balancers', value: balancers }] : []),
      { value: 'authorize' },
    ]);
    return [printCall('app.use', [printText(mount.at), ['createManager(', options, ')']]), ';'];
  }
  const name = names.get(mount.definition)!;
  const below = belowOf(mount);
  const handler = below === '' ? name : `${name}.at(${printText(below)})`;
  return [printCall('app.use', [printText(mount.at), handler]), ';'];
}
