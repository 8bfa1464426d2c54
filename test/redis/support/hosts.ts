import { execFileSync } from 'node:child_process';
import { test } from '@jest/globals';

/** Two hosts on a network of their own: namespaces of this machine, with a cable between them. */
export type Hosts = Readonly<{
  a: Host;
  b: Host;
  /** Nothing goes from one to the other any more; nobody is told. */
  cut(): void;
  mend(): void;
  /** Takes them away. */
  remove(): void;
}>;

export type Host = Readonly<{
  address: string;
  /** Before a command that is to run there. */
  inside: readonly string[];
}>;

const made = new Set<Hosts>();

/** Takes away all that a test has made. */
export function removeHosts(): void {
  for (const hosts of [...made]) hosts.remove();
}

/** Makes two hosts. Throws where the machine allows none. */
export function createHosts(): Hosts {
  const names = { a: `balancer-a-${process.pid}`, b: `balancer-b-${process.pid}` };
  const addresses = { a: '10.213.7.1', b: '10.213.7.2' };
  const hosts: Hosts = {
    a: { address: addresses.a, inside: ['ip', 'netns', 'exec', names.a] },
    b: { address: addresses.b, inside: ['ip', 'netns', 'exec', names.b] },
    // The other end has no carrier then: what it sends is lost.
    cut() {
      ip(`-n ${names.a} link set cable down`);
    },
    mend() {
      ip(`-n ${names.a} link set cable up`);
    },
    remove() {
      made.delete(hosts);
      process.off('exit', hosts.remove);
      for (const name of Object.values(names)) tryTo(`netns del ${name}`);
    },
  };
  made.add(hosts);
  process.once('exit', hosts.remove);
  try {
    for (const name of Object.values(names)) ip(`netns add ${name}`);
    ip(`link add cable netns ${names.a} type veth peer name cable netns ${names.b}`);
    for (const key of ['a', 'b'] as const) {
      ip(`-n ${names[key]} address add ${addresses[key]}/24 dev cable`);
      ip(`-n ${names[key]} link set lo up`);
      ip(`-n ${names[key]} link set cable up`);
    }
  } catch (error) {
    hosts.remove();
    throw error;
  }
  return hosts;
}

/**
 * A test that needs hosts. Where `ip` is not installed it is left out by name, and not so in CI; where the machine forbids
 * namespaces it is left out everywhere.
 */
export function testWithHosts(name: string, run: (hosts: Hosts) => Promise<void>): void {
  const why = whyNone();
  if (why === undefined) {
    test(name, () => run(createHosts()));
    return;
  }
  console.warn(`Left out: "${name}". ${why}`);
  test.skip(name, () => undefined);
}

function whyNone(): string | undefined {
  try {
    ip('-V');
  } catch (error) {
    if (process.env['CI'] === 'true') throw error;
    return 'There is no program ip: install it (Debian: apt-get install iproute2).';
  }
  try {
    createHosts().remove();
    return undefined;
  } catch (error) {
    return `This machine allows no network namespaces (as root it may): ${String(error)}`;
  }
}

function ip(words: string): void {
  execFileSync('ip', words.split(' '), { stdio: ['ignore', 'ignore', 'pipe'] });
}

function tryTo(words: string): void {
  try {
    ip(words);
  } catch {
    // It was not made.
  }
}
