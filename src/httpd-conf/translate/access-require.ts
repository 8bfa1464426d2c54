import type { Ledger } from '../ledger.ts';
import type { Argument, Directive, Item, Section } from '../syntax/directive.ts';
import { readAddress } from './access-address.ts';
import { everybody, intersectSets, nobody, uniteSets, type AddressSet } from './access-set.ts';

/** Sections of Require. */
export const requireSections: ReadonlySet<string> = new Set(['requireall', 'requireany', 'requirenone']);

/** Whom a directive is about: those who come in, or those who are kept out. */
type Side = 'in' | 'out';

/** Who stands for those that cannot be known here: it makes of each doubt a closed door. */
const doubtful: Readonly<Record<Side, AddressSet>> = { in: nobody, out: everybody };

/** Whom the Require directives of one section let in, as <RequireAny> does unless another section says otherwise. */
export function readRequires(items: readonly Item[], ledger: Ledger): AddressSet {
  return readAny(items, ledger, 'in', '<Location> and its like');
}

function readAny(items: readonly Item[], ledger: Ledger, side: Side, where: string): AddressSet {
  const sets = findRequires(items).map((item) => {
    if (!isNegative(item)) return readPositive(item, ledger, side);
    const what = item.kind === 'section' ? '<RequireNone>' : 'Require not';
    const advice = 'write <RequireAll>, in it Require all granted and then this';
    ledger.fail(
      item.args[0] ?? item.head,
      `${what} can let nobody in, and in ${where} one is enough`,
      advice,
    );
    return nobody;
  });
  return settle(uniteSets(sets), items, ledger, side);
}

function readAll(items: readonly Item[], ledger: Ledger, side: Side): AddressSet {
  const requires = findRequires(items);
  const positive = requires.filter((item) => !isNegative(item));
  let set: AddressSet | undefined = everybody;
  for (const item of positive) set &&= intersectSets(set, readPositive(item, ledger, side));
  const deny = requires
    .filter(isNegative)
    .flatMap((item) => readNegative(item, ledger, side === 'in' ? 'out' : 'in'));
  set &&= intersectSets(set, { allow: ['all'], deny });
  return settle(set, items, ledger, side);
}

function settle(set: AddressSet | undefined, items: readonly Item[], ledger: Ledger, side: Side): AddressSet {
  if (set) return set;
  for (const item of findRequires(items)) ledger.drop(item, tooMuch);
  return doubtful[side];
}

export const tooMuch =
  'this much together cannot be said as one list of addresses, and so nobody comes in: write one list of networks, or a middleware of the app in front';

/** What of a section's items decides about access by Require. */
export function findRequires(items: readonly Item[]): readonly Item[] {
  return items.filter((item) =>
    item.kind === 'section' ? requireSections.has(item.key) : item.key === 'require',
  );
}

function isNegative(item: Item): boolean {
  if (item.kind === 'section') return item.key === 'requirenone';
  return item.args[0]?.text.toLowerCase() === 'not';
}

function readPositive(item: Item, ledger: Ledger, side: Side): AddressSet {
  if (item.kind === 'section') return readSection(item, ledger, side);
  return readProvider(item, item.args, ledger, side);
}

/** Whom it keeps out. What is to be taken off those is left in: too many are kept out rather than too few. */
function readNegative(item: Item, ledger: Ledger, side: Side): readonly string[] {
  const set =
    item.kind === 'section'
      ? readSection(item, ledger, side)
      : readProvider(item, item.args.slice(1), ledger, side);
  return side === 'out' ? set.allow : set.allow.filter(() => set.deny.length === 0);
}

function readSection(section: Section, ledger: Ledger, side: Side): AddressSet {
  const { key, items, head, name } = section;
  const requires = findRequires(items);
  if (requires.length === 0) {
    ledger.fail(head, `there is no Require in <${name}>`, 'write one, such as Require ip 10.1.0.0/16');
    return nobody;
  }
  if (key === 'requireall') {
    if (requires.every(isNegative)) {
      const advice = 'write Require all granted before them';
      ledger.fail(head, 'there are only such in it that can let nobody in', advice);
      return nobody;
    }
    ledger.take(section, 'all of what is in it must hold');
    return readAll(items, ledger, side);
  }
  ledger.take(
    section,
    key === 'requireany' ? 'one of what is in it is enough' : 'none of what is in it may hold',
  );
  return readAny(items, ledger, side, `<${name}>`);
}

function readProvider(item: Directive, args: readonly Argument[], ledger: Ledger, side: Side): AddressSet {
  const [provider, ...rest] = args;
  const word = provider?.text.toLowerCase();
  const verb = side === 'in' ? 'lets in' : 'keeps out';
  if (provider === undefined || (word === 'ip' && rest.length === 0)) {
    ledger.fail(
      provider ?? item.head,
      'it says not whom',
      'write Require all granted, or Require ip and addresses',
    );
    return nobody;
  }
  if (word === 'all') return readAllProvider(item, rest, ledger, verb);
  if (word === 'ip') return readIps(item, rest, ledger, verb, side);
  if (word === 'local') {
    const others = 'other addresses of this machine do not count as local here';
    ledger.differ(item, `${verb} 127.0.0.0/8 and ::1; ${others}`);
    return { allow: ['local'], deny: [] };
  }
  // The one name that needs no looking up.
  if (word === 'host' && rest.length > 0 && rest.every(({ text }) => text.toLowerCase() === 'localhost')) {
    ledger.differ(item, `${verb} 127.0.0.0/8 and ::1, without looking up what they are called`);
    return { allow: ['local'], deny: [] };
  }
  ledger.drop(item, `${whyNot(word ?? '')}, so ${instead[side]}`);
  return doubtful[side];
}

const instead: Readonly<Record<Side, string>> = {
  in: 'it lets nobody in: do it in a middleware of the app in front, and write Require all granted',
  out: 'it keeps everybody out: do it in a middleware of the app in front, and leave it out',
};

function whyNot(provider: string): string {
  if (/^(?:valid-user|user|group|file-owner|file-group|ldap-.*|dbm-.*|dbd-.*)$/.test(provider)) {
    return 'who somebody is cannot be asked here';
  }
  if (provider === 'host' || provider === 'forward-dns') return 'names are not looked up here';
  return `Require ${provider} cannot be decided here`;
}

function readAllProvider(
  item: Directive,
  [arg, ...others]: readonly Argument[],
  ledger: Ledger,
  verb: string,
): AddressSet {
  const word = arg?.text.toLowerCase();
  if ((word === 'granted' || word === 'denied') && others.length === 0) {
    ledger.take(item, `${verb} ${word === 'granted' ? 'everybody' : 'nobody'}`);
    return word === 'granted' ? everybody : nobody;
  }
  ledger.fail(
    arg ?? item.head,
    'it must be granted or denied',
    'write Require all granted, or Require all denied',
  );
  return nobody;
}

function readIps(
  item: Directive,
  args: readonly Argument[],
  ledger: Ledger,
  verb: string,
  side: Side,
): AddressSet {
  const readings = args.map((arg) => readAddress(arg, false, ledger));
  const known = readings.flatMap((each) => (each.kind === 'address' ? [each.text] : []));
  if (known.length > 0) ledger.take(item, `${verb} ${known.join(', ')}`);
  for (const each of readings) if (each.kind === 'unknown') ledger.drop(item, each.why);
  const isDoubtful = readings.some(({ kind }) => kind === 'unknown');
  return isDoubtful && side === 'out' ? everybody : { allow: known, deny: [] };
}
