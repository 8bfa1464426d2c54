import { BlockList, isIP, isIPv4, SocketAddress } from 'node:net';
import { unmapAddress } from '../../request/address.ts';
import type { AccessRule } from '../httpd-conf.ts';

/** Tells whether an address may come in. What is no address may not. */
export type Gate = (address: string) => boolean;

/** Makes a rule ready to be asked. */
export function compileAccess({ order, allow, deny }: AccessRule): Gate {
  const isIn = compileAddresses(allow, false);
  // What cannot be read keeps everybody out, on both sides.
  const isOut = compileAddresses(deny, true);
  return (address) => {
    if (isIP(address) === 0) return false;
    return order === 'deny,allow' ? isIn(address) || !isOut(address) : isIn(address) && !isOut(address);
  };
}

/** `ifUnreadable`: what an entry that is no address stands for: everybody, or nobody. */
function compileAddresses(entries: readonly string[], ifUnreadable: boolean): Gate {
  // Apart, since a BlockList takes all of IPv4 for a part of ::/0.
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  let isAll = false;
  for (const entry of entries) {
    if (entry === 'all') isAll = true;
    else if (entry === 'local') {
      lists.ipv4.addSubnet('127.0.0.0', 8, 'ipv4');
      lists.ipv6.addAddress('::1', 'ipv6');
    } else {
      const subnet = readSubnet(entry);
      if (subnet) lists[subnet.family].addSubnet(subnet.network, subnet.prefix, subnet.family);
      else isAll ||= ifUnreadable;
    }
  }
  if (isAll) return () => true;
  return (address) => {
    const plain = normalizeAddress(address);
    const family = isIPv4(plain) ? 'ipv4' : 'ipv6';
    return lists[family].check(plain, family);
  };
}

/** A network: its first address and how many bits of it count. */
export type Subnet = Readonly<{ network: string; prefix: number; family: 'ipv4' | 'ipv6' }>;

/**
 * Reads an address, a part of one (`10.1`), a network with the number of its bits or with a netmask. Undefined: it is
 * none of these.
 */
export function readSubnet(text: string): Subnet | undefined {
  const { 0: address = '', 1: mask, length } = text.split('/');
  if (length > 2 || address.includes('%')) return undefined;
  if (isIP(address) === 6) return readIPv6(address, mask);
  if (mask === undefined) return readPartial(address);
  if (!isIPv4(address)) return undefined;
  const prefix = isIPv4(mask) ? countBits(mask) : readPrefix(mask, 32);
  return prefix === undefined ? undefined : { network: address, prefix, family: 'ipv4' };
}

function readIPv6(address: string, mask: string | undefined): Subnet | undefined {
  const prefix = mask === undefined ? 128 : readPrefix(mask, 128);
  if (prefix === undefined) return undefined;
  const plain = normalizeAddress(address);
  // Of a client that comes by IPv4 only the IPv4 address is looked at.
  if (isIPv4(plain) && prefix >= 96) return { network: plain, prefix: prefix - 96, family: 'ipv4' };
  return { network: address, prefix, family: 'ipv6' };
}

/** `10.1`, `10.1.`: whole bytes count. */
function readPartial(text: string): Subnet | undefined {
  const bytes = text.replace(/\.$/, '').split('.');
  if (bytes.length > 4 || !bytes.every((byte) => /^\d{1,3}$/.test(byte) && Number(byte) < 256))
    return undefined;
  const network = Array.from({ length: 4 }, (_, i) => Number(bytes[i] ?? 0)).join('.');
  return { network, prefix: 8 * bytes.length, family: 'ipv4' };
}

function readPrefix(text: string, max: number): number | undefined {
  return /^\d{1,3}$/.test(text) && Number(text) <= max ? Number(text) : undefined;
}

/** How many bits of a netmask count; undefined: they are not all at its start. */
function countBits(netmask: string): number | undefined {
  const bits = netmask
    .split('.')
    .map((byte) => Number(byte).toString(2).padStart(8, '0'))
    .join('');
  return /^1*0*$/.test(bits) ? bits.replace(/0+$/, '').length : undefined;
}

/** An IPv4 address that came over an IPv6 socket is one, however it is written; of others the zone counts for nothing. */
function normalizeAddress(address: string): string {
  if (!address.includes(':')) return address;
  const plain = new SocketAddress({ address: address.replace(/%.*$/s, ''), family: 'ipv6' }).address;
  return unmapAddress(plain);
}
