import type { BalancerDefinition } from '../../definition/definition.ts';
import type { HttpdConf } from '../httpd-conf.ts';
import { findOrigins } from './comments.ts';
import { group, layOut, line, type Doc } from './layout.ts';
import { createNamer, nameBalancers } from './name-balancers.ts';
import { nameFunctions, printFunction } from './name-functions.ts';
import { findPlainMounts, printExpressMount } from './print-express.ts';
import { printImports } from './print-imports.ts';
import { printRuledMount } from './print-mounts.ts';
import { printObject, printValue, type NameOf } from './print-value.ts';

/**
 * A configuration as a TypeScript module, formatted as prettier does with `singleQuote`: its balancers, and a function that
 * mounts them. `source`: what it was read from, for its first line.
 *
 * @throws {TypeError} for what has no text: balancers that were created, and functions that were not read from a configuration.
 */
export function printModule(conf: HttpdConf, { source }: Readonly<{ source: string }>): string {
  const { mounts } = conf;
  const origins = findOrigins(conf, source);
  const namer = createNamer();
  const names = nameBalancers(mounts, namer);
  const functions = nameFunctions([...names.keys()], namer);
  const nameOf: NameOf = (value) => functions.get(value)!.name;
  const plain = findPlainMounts(conf);
  const imports = printImports({
    balancers: names.size > 0,
    functions: functions.size > 0,
    manager: (plain ?? mounts).some(({ kind }) => kind === 'manager'),
    rules: plain ? undefined : { hosts: conf.hosts.length > 0, access: conf.access.length > 0 },
  });
  const mountsOf = Map.groupBy(mounts, (mount) => (mount.kind === 'balancer' ? mount.definition : undefined));
  const balancers = [...names].map(([definition, name]) => [
    origins.ofBalancer(definition.name ?? '', mountsOf.get(definition) ?? []).map((text) => [text, line]),
    printBalancer(definition, name, nameOf),
  ]);
  const sections: readonly Doc[] = [
    printLines(origins.head),
    printLines(imports),
    ...[...functions.values()].map((each) => printLines(printFunction(each))),
    ...balancers,
    ...(plain
      ? [printExpressMount(plain, names, origins)]
      : printRuledMount(conf, { names, origins, namer, nameOf })),
  ];
  return `${sections.map((section) => layOut(group(section, true))).join('\n\n')}\n`;
}

function printBalancer(definition: BalancerDefinition, name: string, nameOf: NameOf): Doc {
  // With a line for each option, however few they are.
  const options = Object.entries(definition).filter(([, value]: [string, unknown]) => value !== undefined);
  const entries = options.map(([key, value]) => ({ key, value: printValue(value, nameOf) }));
  return [`export const ${name} = createBalancer(`, printObject(entries, true), ');'];
}

function printLines(lines: readonly string[]): Doc {
  return lines.map((text, i) => (i === 0 ? text : [line, text]));
}
