import { readSubnet, type Subnet } from '../mount/access.ts';

/** Addresses that are let in: those in `allow` that are not in `deny`. */
export type AddressSet = Readonly<{ allow: readonly string[]; deny: readonly string[] }>;

export const nobody: AddressSet = { allow: [], deny: [] };
export const everybody: AddressSet = { allow: ['all'], deny: [] };

/** Those of any; undefined: that cannot be written as one set. */
export function uniteSets(sets: readonly AddressSet[]): AddressSet | undefined {
  if (sets.some(isEverybody)) return everybody;
  const some = sets.filter((set) => !isNobody(set));
  if (some.length <= 1) return some[0] ?? nobody;
  if (some.some(({ deny }) => deny.length > 0)) return undefined;
  return { allow: unique(some.flatMap(({ allow }) => allow)), deny: [] };
}

/** Those of both; undefined: that cannot be written as one set. */
export function intersectSets(one: AddressSet, other: AddressSet): AddressSet | undefined {
  const allow = intersectLists(one.allow, other.allow);
  return allow && simplify({ allow, deny: unique([...one.deny, ...other.deny]) });
}

/** Whether a set has no address in it, as far as it says so itself. */
function isNobody({ allow, deny }: AddressSet): boolean {
  return allow.length === 0 || deny.includes('all');
}

export function isEverybody({ allow, deny }: AddressSet): boolean {
  return allow.includes('all') && deny.length === 0;
}

function simplify(set: AddressSet): AddressSet {
  return isNobody(set) ? nobody : set;
}

/** Each network is compared with each. */
const mostPairs = 10_000;

function intersectLists(one: readonly string[], other: readonly string[]): readonly string[] | undefined {
  if (one.includes('all')) return other;
  if (other.includes('all')) return one;
  if (one.length * other.length > mostPairs) return undefined;
  const both: string[] = [];
  for (const a of one) {
    for (const b of other) {
      if (a === b) both.push(a);
      else {
        const [first, second] = [readSubnet(a), readSubnet(b)];
        // `local` is two networks.
        if (!first || !second) return undefined;
        if (contains(first, second)) both.push(b);
        else if (contains(second, first)) both.push(a);
      }
    }
  }
  return unique(both);
}

/** Whether a network has all of another one in it. Two that do not contain each other have nothing in common. */
function contains(outer: Subnet, inner: Subnet): boolean {
  if (outer.family !== inner.family || outer.prefix > inner.prefix) return false;
  return toBits(outer).slice(0, outer.prefix) === toBits(inner).slice(0, outer.prefix);
}

function toBits({ network, family }: Subnet): string {
  if (family === 'ipv4')
    return network
      .split('.')
      .map((byte) => toBinary(Number(byte), 8))
      .join('');
  // URL knows how to write an IPv6 address; `::` stands for as many zeros as are missing.
  const host = new URL(`http://[${network}]/`).hostname.slice(1, -1);
  const [head = '', tail] = host.split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => '0');
  return [...first, ...zeros, ...last].map((part) => toBinary(parseInt(part, 16), 16)).join('');
}

function toBinary(number: number, width: number): string {
  return number.toString(2).padStart(width, '0');
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
