/** What a module takes from the library. */
export type Uses = Readonly<{
  balancers: boolean;
  functions: boolean;
  manager: boolean;
  /** Rules that Express has not, and what is among them. */
  rules: Readonly<{ hosts: boolean; access: boolean }> | undefined;
}>;

/** The imports of a module, each name as it is used. */
export function printImports({ balancers, functions, manager, rules }: Uses): readonly string[] {
  const core = [...(balancers ? ['createBalancer'] : []), ...(functions ? ['type HcFunction'] : [])];
  return [
    ...printImport(['type Express'], 'express'),
    ...printImport(core, 'express-proxy-balancer'),
    ...printImport(
      rules
        ? [
            'mountHttpdConf',
            ...(rules.access ? ['type AccessSection'] : []),
            'type HttpdHandler',
            'type HttpdMount',
            ...(rules.hosts ? ['type VirtualHost'] : []),
          ]
        : [],
      'express-proxy-balancer/httpd-conf',
    ),
    ...printImport(
      manager ? [...(rules ? [] : ['createManager']), 'type ManagerOptions'] : [],
      'express-proxy-balancer/manager',
    ),
  ];
}

function printImport(names: readonly string[], from: string): readonly string[] {
  if (names.length === 0) return [];
  const isOnlyTypes = names.every((name) => name.startsWith('type '));
  const listed = isOnlyTypes ? names.map((name) => name.slice(5)) : names;
  const oneLine = `import ${isOnlyTypes ? 'type ' : ''}{ ${listed.join(', ')} } from '${from}';`;
  if (oneLine.length <= 80) return [oneLine];
  return ['import {', ...listed.map((name) => `  ${name},`), `} from '${from}';`];
}
