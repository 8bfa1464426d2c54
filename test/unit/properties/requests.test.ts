import fc from 'fast-check';
import { describe, expect, test } from '@jest/globals';
import { valuesOf } from '../../../src/rewrite/headers.ts';
import { findNominated } from '../../../src/rewrite/hop-by-hop.ts';
import { compileRewriteRequest } from '../../../src/rewrite/rewrite-request.ts';
import { hasPassedHere } from '../../../src/rewrite/via.ts';
import { build } from '../definition/support.ts';
import { hold } from '../../support/runs.ts';
import { anyValue } from './any-http.ts';
import { anyInbound, anySettings, endsHere, expectAccepted, namesIn, urls } from './any-rewriting.ts';

const body = { kind: 'none', counted: false } as const;

describe('a request, whatever was sent,', () => {
  const anyCase = fc.tuple(anySettings, anyInbound, fc.nat(urls.length - 1));

  test('is told to a member in fields that Node accepts, with one Host and none of this hop', () => {
    hold(
      1_500,
      fc.property(anyCase, ([settings, inbound, i]) => {
        const { headers, path } = compileRewriteRequest(settings, 'here')(
          inbound,
          settings.members[i]!,
          body,
        );
        expectAccepted(headers);
        const names = namesIn(headers);
        expect(names.filter((name) => name === 'host')).toHaveLength(1);
        expect(names.filter((name) => name === 'cookie').length).toBeLessThan(2);
        expect(names.filter((name) => endsHere.has(name))).toEqual([]);
        expect(names.filter((name) => name === 'proxy-authorization' || name === 'expect')).toEqual([]);
        expect(path.startsWith(`${settings.members[i]!.basePath}/`)).toBe(true);
      }),
    );
  });

  test('loses what Connection names, and says nothing of where it was unless the peer is trusted', () => {
    const ours = new Set(['host', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-server']);
    hold(
      1_500,
      fc.property(anyCase, ([settings, inbound, i]) => {
        const { headers } = compileRewriteRequest(settings, 'here')(inbound, settings.members[i]!, body);
        const nominated = findNominated(inbound.headers) ?? new Set();
        const isOurs = (name: string): boolean =>
          ours.has(name) ||
          name.startsWith('x-forwarded-pr') ||
          name === 'forwarded' ||
          name === 'max-forwards';
        expect(namesIn(headers).filter((name) => nominated.has(name) && !isOurs(name))).toEqual([]);
        if (inbound.trusted || !settings.xForwarded) return;
        const client = inbound.remoteAddress.replace('::ffff:', '');
        expect(valuesOf(headers, 'x-forwarded-for')).toEqual(client === '' ? [] : [client]);
        expect(namesIn(headers)).not.toContain('x_forwarded_for');
        expect(namesIn(headers)).not.toContain('x-forwarded-else');
      }),
    );
  });

  test('is known where it has been here, if we write Via', () => {
    hold(
      1_000,
      fc.property(anyCase, anyValue, ([settings, inbound, i], via) => {
        const from = { ...inbound, headers: [...inbound.headers, 'Via', via] };
        const { headers } = compileRewriteRequest(settings, 'here')(from, settings.members[i]!, body);
        const isTold = settings.proxyvia === 'On' || settings.proxyvia === 'Full';
        if (isTold) expect(hasPassedHere(headers, settings.pseudonym)).toBe(true);
      }),
    );
  });

  test('is the same, rewritten twice, where no hop is told of', () => {
    const settings = build({ members: urls, proxyaddheaders: true });
    const rewrite = compileRewriteRequest(settings, 'here');
    const [member] = settings.members;
    hold(
      1_000,
      fc.property(anyInbound, (inbound) => {
        if (inbound.method === 'OPTIONS') return;
        const from = { ...inbound, trusted: false };
        const once = rewrite(from, member!, body).headers;
        const twice = rewrite({ ...from, headers: once }, member!, body).headers;
        expect(twice).toEqual(once);
      }),
    );
  });
});

describe('Forwarded (RFC 7239)', () => {
  test('reads as it was meant', () => {
    const settings = build({ members: urls, proxyaddheaders: 'forwarded' });
    const rewrite = compileRewriteRequest(settings, 'here');
    const anyHost = fc
      .array(fc.constantFrom('a', 'B', '-', '.', '~', "'", '(', ';', '=', '%41', '!', '&', '*'), {
        minLength: 1,
      })
      .map((all) => all.join(''));
    const anyPort = fc.constantFrom('', ':', ':80', ':65535');
    hold(
      1_000,
      fc.property(anyInbound, anyHost, anyPort, (inbound, name, port) => {
        const host = inbound.host === undefined ? undefined : name + port;
        const headers = rewrite({ ...inbound, host, trusted: false }, settings.members[0]!, body).headers;
        const [value, ...others] = valuesOf(headers, 'forwarded');
        expect(others).toEqual([]);
        const address = inbound.remoteAddress.replace('::ffff:', '');
        const node = address === '' ? 'unknown' : address.includes(':') ? `[${address}]` : address;
        expect(readElement(value!)).toEqual({
          for: node,
          ...(host ? { host } : {}),
          proto: inbound.protocol,
        });
      }),
    );
  });
});

/** One forwarded-element, by its grammar: pairs of token and token or quoted-string, with semicolons between. */
function readElement(text: string): Readonly<Record<string, string>> {
  const pair = /^([\w!#$%&'*+.^`|~-]+)=(?:([\w!#$%&'*+.^`|~-]+)|"((?:[^"\\]|\\.)*)")(?:;|$)/;
  const pairs: [string, string][] = [];
  for (let rest = text; rest !== '';) {
    const [whole, name, token, quoted] = pair.exec(rest) ?? [];
    if (whole === undefined) throw new Error(`no forwarded-pair: ${rest}`);
    pairs.push([name!, token ?? quoted!.replace(/\\(.)/g, '$1')]);
    rest = rest.slice(whole.length);
  }
  return Object.fromEntries(pairs);
}
