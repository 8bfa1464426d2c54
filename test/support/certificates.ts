import { generate } from 'selfsigned';

/** A key and what certifies it, in PEM. */
export type Certified = Readonly<{ key: string; cert: string }>;

/** One authority, and the certificates that it has given out; and another authority that has given out none. */
export type Certificates = Readonly<{
  ca: string;
  /** For `localhost`, `127.0.0.1`, `::1` and `app.internal`. */
  server: Certified;
  client: Certified;
  otherCa: string;
}>;

let made: Promise<Certificates> | undefined;

/** Makes them at the first call. */
export async function makeCertificates(): Promise<Certificates> {
  made ??= make();
  return made;
}

async function make(): Promise<Certificates> {
  const authority = await certify('Test Authority', 'authority');
  const other = await certify('Another Authority', 'authority');
  return {
    ca: authority.cert,
    server: await certify('localhost', 'server', authority),
    client: await certify('balancer', 'client', authority),
    otherCa: other.cert,
  };
}

const names = {
  name: 'subjectAltName' as const,
  altNames: [
    { type: 2 as const, value: 'localhost' },
    { type: 2 as const, value: 'app.internal' },
    { type: 7 as const, ip: '127.0.0.1' },
    { type: 7 as const, ip: '::1' },
  ],
};

async function certify(
  commonName: string,
  purpose: 'authority' | 'server' | 'client',
  ca?: Certified,
): Promise<Certified> {
  const isAuthority = purpose === 'authority';
  const made = await generate([{ name: 'commonName', value: commonName }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: isAuthority, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: isAuthority, critical: true },
      ...(isAuthority
        ? []
        : [
            {
              name: 'extKeyUsage' as const,
              serverAuth: purpose === 'server',
              clientAuth: purpose === 'client',
            },
          ]),
      ...(purpose === 'server' ? [names] : []),
    ],
    ...(ca ? { ca } : {}),
  });
  return { key: made.private, cert: made.cert };
}
