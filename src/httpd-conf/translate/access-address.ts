import { readSubnet } from '../mount/access.ts';
import type { Argument } from '../syntax/directive.ts';
import type { Ledger } from '../ledger.ts';

/** What an address of an access directive is to us. */
export type AddressReading =
  | Readonly<{ kind: 'address'; text: string }>
  /** Not to be decided here: a name, or a netmask with gaps. */
  | Readonly<{ kind: 'unknown'; why: string }>
  /** The ledger knows what is wrong. */
  | Readonly<{ kind: 'wrong' }>;

/** Reads an address as httpd does; `mayBeName`: Allow and Deny take host names too. */
export function readAddress(arg: Argument, mayBeName: boolean, ledger: Ledger): AddressReading {
  const { text } = arg;
  const [address = ''] = text.split('/', 1);
  if (!/^[\d.]+$|:/.test(address) && mayBeName && !text.includes('/')) {
    return { kind: 'unknown', why: 'names are not looked up here: write addresses' };
  }
  const subnet = readSubnet(text);
  if (subnet) {
    const { network, prefix, family } = subnet;
    const isOne = prefix === (family === 'ipv4' ? 32 : 128);
    return { kind: 'address', text: isOne ? network : `${network}/${prefix}` };
  }
  if (hasGaps(text)) {
    return { kind: 'unknown', why: 'the netmask has gaps: write networks such as 10.1.0.0/16' };
  }
  const advice = 'write an address such as 10.1.2.3, 10.1 or 10.1.0.0/16, 2001:db8::/32';
  ledger.fail(arg, `${JSON.stringify(text)} is no address`, advice);
  return { kind: 'wrong' };
}

/** A netmask that httpd takes and no prefix can say: 255.0.255.0. */
function hasGaps(text: string): boolean {
  const [address = '', mask = ''] = text.split('/');
  const isDotted = (part: string): boolean => readSubnet(part)?.prefix === 32;
  return isDotted(address) && isDotted(mask) && !address.includes(':') && !mask.includes(':');
}
