import { createPrivateKey } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { printProblem } from '../../../src/definition/problem.ts';
import { makeCertificates, type Certificates } from '../../support/certificates.ts';
import { problemsOf } from './support.ts';

let certificates: Certificates;
let encrypted: string;

beforeAll(async () => {
  certificates = await makeCertificates();
  encrypted = createPrivateKey(certificates.client.key)
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open' })
    .toString();
});

/** The lines for one member with these TLS options, and those of all members. */
function linesFor(
  tls: Readonly<Record<string, unknown>>,
  shared?: Readonly<Record<string, unknown>>,
): readonly string[] {
  const memberDefaults = shared && { tls: shared };
  return problemsOf({ members: [{ url: 'https://a', tls }], memberDefaults }).map(printProblem);
}

describe('TLS to a member', () => {
  test('takes authorities, certificates and keys as texts, Buffers and lists', () => {
    const { ca, otherCa, client } = certificates;
    expect(linesFor({ ca })).toEqual([]);
    expect(linesFor({ ca: [ca, Buffer.from(otherCa)], ...client, servername: 'app.internal' })).toEqual([]);
    expect(linesFor({ cert: [client.cert], key: [Buffer.from(client.key)] })).toEqual([]);
    expect(linesFor({ cert: client.cert, key: encrypted, passphrase: 'open' })).toEqual([]);
    expect(linesFor({ cert: client.cert, key: [{ pem: encrypted, passphrase: 'open' }] })).toEqual([]);
  });

  test.each<[Readonly<Record<string, unknown>>, string]>([
    [
      { ca: './ca.pem' },
      "members[0].tls.ca is a string: it is no text in PEM; is it the name of a file?; write ca: readFileSync('…')",
    ],
    [
      { key: 5 },
      "members[0].tls.key is a number: it must be a text in PEM, a Buffer, or a list of them; write key: readFileSync('…')",
    ],
    [
      { cert: [] },
      'members[0].tls.cert is an empty list: the list is empty; leave cert out, or put something in',
    ],
    [{ pfx: 5 }, "members[0].tls.pfx is a number: it must be a Buffer; write pfx: readFileSync('…')"],
    [
      { passphrase: '' },
      'members[0].tls.passphrase is a string: it must be a text, and is empty; leave it out, or write the passphrase of key or pfx',
    ],
    [
      { passphrase: 'x' },
      'members[0].tls is an object: passphrase opens key or pfx, and there is neither; leave it out',
    ],
    [
      { servername: '127.0.0.1' },
      "members[0].tls.servername is '127.0.0.1': an address cannot be asked for by TLS; write a host name, or leave it out",
    ],
    [
      { servername: '' },
      "members[0].tls.servername is '': it must be the name of a host, and is empty; leave it out, or write a host name, such as 'app.internal'",
    ],
    [
      { rejectUnauthorized: 0 },
      'members[0].tls.rejectUnauthorized is 0: it must be true or false; write false',
    ],
    [
      { secureProtocol: 'x' },
      'members[0].tls.secureProtocol is a string: there is no such option; leave it out',
    ],
  ])('%j is answered in one line', (tls, line) => {
    expect(linesFor(tls)).toEqual([line]);
  });

  test('wants a record', () => {
    expect(problemsOf({ members: [{ url: 'https://a', tls: true }] }).map(printProblem)).toEqual([
      'members[0].tls is true: it must be a record of options; write { ca, cert, key, servername, rejectUnauthorized }',
    ]);
  });

  test('wants a certificate and its key together', () => {
    const { client, server } = certificates;
    expect(linesFor({ cert: client.cert })).toEqual([
      'members[0].tls is an object: cert has no key; write key too',
    ]);
    expect(linesFor({ key: client.key })).toEqual([
      'members[0].tls is an object: key has no cert; write cert too',
    ]);
    expect(linesFor({ cert: client.cert }, { key: client.key })).toEqual([]);
    expect(linesFor({ cert: client.cert, key: server.key })).toEqual([
      expect.stringMatching(
        /^members\[0\]\.tls is an object: OpenSSL refuses it: .*; check ca, cert, key, pfx and passphrase$/,
      ),
    ]);
    expect(linesFor({ cert: client.cert, key: encrypted, passphrase: 'wrong' })).toHaveLength(1);
  });

  test('may be the same for all, of whom one must use it', () => {
    const { ca, client } = certificates;
    const memberDefaults = { tls: { ca } };
    expect(problemsOf({ members: ['http://a', 'https://b'], memberDefaults })).toEqual([]);
    expect(problemsOf({ members: ['http://a'], memberDefaults }).map(printProblem)).toEqual([
      'memberDefaults.tls is an object: every member is spoken to without TLS; write https:// in their URLs, or leave tls out',
    ]);
    const halved = { members: ['https://b'], memberDefaults: { tls: { cert: client.cert } } };
    expect(problemsOf(halved).map(printProblem)).toEqual([
      'memberDefaults.tls is an object: cert has no key; write key too',
    ]);
  });
});
