import type { Balancer } from '../../balancer.ts';
import type { BalancerDefinition } from '../../definition/definition.ts';
import type { HttpdMount } from '../httpd-conf.ts';

/** What a module must not call its own: words of the language, and names that it uses. */
const taken = new Set(
  `abstract arguments as async await boolean break case catch class const constructor continue debugger declare default
  delete do else enum eval export extends false finally for from function get if implements import in infer instanceof
  interface is keyof let module namespace never new null number object of package private protected public readonly
  require return set static string super switch symbol this throw true try type typeof undefined unique unknown var void
  while with yield any bigint globalThis exports Infinity NaN
  access app authorize createBalancer createManager hosts mount mountHttpdConf mounts`.split(/\s+/),
);

/** Makes names for a module, each once. */
export type Namer = (wanted: string, kind: string) => string;

/** `kind` stands behind what would be no name by itself: `default` becomes `defaultBalancer`. */
export function createNamer(): Namer {
  const used = new Set(taken);
  return (wanted, kind) => {
    const name = toCamelCase(wanted);
    const suffix = `${kind[0]!.toUpperCase()}${kind.slice(1)}`;
    const plain = name === '' ? kind : /^\d/.test(name) ? `${kind}${name}` : name;
    const first = used.has(plain) ? `${plain}${suffix}` : plain;
    let unique = first;
    for (let i = 2; used.has(unique); i += 1) unique = `${first}${i}`;
    used.add(unique);
    return unique;
  };
}

/** A name that is too long to be read is cut. */
function toCamelCase(text: string): string {
  const words = text
    .slice(0, 60)
    .split(/[^A-Za-z\d]+/)
    .filter((word) => word !== '');
  return words
    .map((word, i) => (i === 0 ? lowerFirst(word) : `${word[0]!.toUpperCase()}${word.slice(1)}`))
    .join('');
}

/** `MyCluster` -> `myCluster`, `APP` -> `app`. */
function lowerFirst(word: string): string {
  return /^[A-Z\d]+$/.test(word) ? word.toLowerCase() : `${word[0]!.toLowerCase()}${word.slice(1)}`;
}

/** What every balancer of the mounts is called, in their order. */
export function nameBalancers(
  mounts: readonly HttpdMount[],
  namer: Namer,
): ReadonlyMap<BalancerDefinition, string> {
  const definitions = new Set(
    mounts.flatMap((mount) => (mount.kind === 'balancer' ? [definitionOf(mount)] : [])),
  );
  return new Map([...definitions].map((each) => [each, namer(each.name ?? '', 'balancer')]));
}

/** A balancer that runs already has no text. */
export function definitionOf(
  mount: Readonly<{ definition?: BalancerDefinition; balancer?: Balancer }>,
): BalancerDefinition {
  if (!mount.definition)
    throw new TypeError('a mount of a balancer that was created cannot be written as TypeScript');
  return mount.definition;
}
