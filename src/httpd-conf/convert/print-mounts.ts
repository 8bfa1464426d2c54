import type { BalancerDefinition } from '../../definition/definition.ts';
import type { AccessSection, HttpdConf, HttpdMount, VirtualHost } from '../httpd-conf.ts';
import type { Origins } from './comments.ts';
import { group, indent, line, type Doc } from './layout.ts';
import { definitionOf, type Namer } from './name-balancers.ts';
import { managerParameter } from './print-express.ts';
import { printArray, printCall, printObject, printValue, type Entry, type NameOf } from './print-value.ts';

/** What the rules are written with. */
export type RulesParts = Readonly<{
  names: ReadonlyMap<BalancerDefinition, string>;
  origins: Origins;
  namer: Namer;
  nameOf: NameOf;
}>;

/** The statements of a module whose mounts are rules that Express has not: the configuration's own, for mountHttpdConf. */
export function printRuledMount(
  { mounts, hosts, access }: HttpdConf,
  { names, origins, namer, nameOf }: RulesParts,
): readonly Doc[] {
  const hostNames = new Map(hosts.map((host) => [host, namer(host.serverName ?? '', 'host')]));
  const printRule = (rule: HttpdMount | AccessSection): Entry => {
    const values = Object.entries(rule).filter(([key]) => !notPrinted.has(key));
    const entries = {
      host: rule.host && hostNames.get(rule.host),
      balancer: 'kind' in rule && rule.kind === 'balancer' ? names.get(definitionOf(rule)) : undefined,
      ...Object.fromEntries(values.map(([key, value]) => [key, printValue(value, nameOf)])),
    };
    return { comments: origins.ofPlace(rule.place), value: printObject(sortEntries(entries)) };
  };
  const hasManager = mounts.some(({ kind }) => kind === 'manager');
  return [
    ...hosts.map((host) => [
      origins.ofPlace(host.place).flatMap((text) => [text, line]),
      printConst(hostNames.get(host)!, 'VirtualHost', printHost(host, nameOf)),
    ]),
    ...(hosts.length > 0
      ? [printConst('hosts', 'readonly VirtualHost[]', printArray(toEntries([...hostNames.values()])))]
      : []),
    ...(access.length > 0
      ? [printConst('access', 'readonly AccessSection[]', printLines(access.map(printRule)))]
      : []),
    printConst('mounts', 'readonly HttpdMount[]', printLines(mounts.map(printRule))),
    printMountFunction(
      ['mounts', ...(hosts.length > 0 ? ['hosts'] : []), ...(access.length > 0 ? ['access'] : [])],
      hasManager,
    ),
  ];
}

/** Its name is to be told, if only that it has none. */
function printHost(host: VirtualHost, nameOf: NameOf): Doc {
  const { serverName, ...others } = host;
  const entries = Object.entries({ serverName, ...others });
  return printObject(entries.map(([key, value]) => ({ key, value: printValue(value, nameOf) })));
}

function printMountFunction(parts: readonly string[], hasManager: boolean): Doc {
  const parameters = ['app: Express', ...(hasManager ? [`{ authorize }: ${managerParameter}`] : [])];
  const call = printCall('mountHttpdConf', [
    'app',
    printObject(toEntries(parts)),
    ...(hasManager ? ['{ manager: { authorize } }'] : []),
  ]);
  const head = [printCall('export function mount', parameters), ': HttpdHandler {'];
  return group([head, indent([line, 'return ', call, ';']), line, '}'], true);
}

/** Each a line of its own, as prettier does it with several objects. */
function printLines(entries: readonly Entry[]): Doc {
  return printArray(entries, entries.length > 1);
}

function printConst(name: string, type: string, value: Doc): Doc {
  return [`const ${name}: ${type} = `, value, ';'];
}

function toEntries(names: readonly string[]): readonly Entry[] {
  return names.map((value) => ({ value }));
}

/** They stand in the module under names, or as comments. */
const notPrinted = new Set(['host', 'definition', 'place']);

/** What a rule is for comes before what it does. */
const order = ['host', 'at', 'negated', 'conditions', 'kind', 'balancer', 'to', 'url', 'by', 'satisfy'];

function sortEntries(entries: Readonly<Record<string, Doc | undefined>>): readonly Entry[] {
  const rank = (key: string): number => (order.includes(key) ? order.indexOf(key) : order.length);
  return Object.entries(entries)
    .flatMap(([key, value]) => (value === undefined || value === 'undefined' ? [] : [{ key, value }]))
    .toSorted((one, other) => rank(one.key) - rank(other.key));
}
