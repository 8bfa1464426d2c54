const COLON = 0x3a;

/** `::ffff:1.2.3.4`, an IPv4 client at a socket that listens on IPv6, is `1.2.3.4`. */
export function unmapAddress(address: string): string {
  if (address.charCodeAt(0) !== COLON) return address;
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}
