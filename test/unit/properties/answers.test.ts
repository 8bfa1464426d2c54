import fc from 'fast-check';
import { describe, expect, test } from '@jest/globals';
import type { Settings } from '../../../src/definition/settings.ts';
import type { Inbound } from '../../../src/request/inbound.ts';
import { findNominated } from '../../../src/rewrite/hop-by-hop.ts';
import { compileRewriteAnswer } from '../../../src/rewrite/rewrite-answer.ts';
import { build } from '../definition/support.ts';
import { createInbound } from '../rewrite/support.ts';
import { hold } from '../../support/runs.ts';
import { anyHeaders, anyToken, anyValue } from './any-http.ts';
import { anyInbound, anySettings, endsHere, expectAccepted, namesIn, urls } from './any-rewriting.ts';

describe('an answer, whatever a member writes,', () => {
  const anyAnswer = fc.record({
    status: fc.constantFrom(101, 103, 200, 204, 206, 302, 304, 426, 500),
    reason: anyValue,
    headers: anyHeaders,
  });

  test('reaches the client in fields that Node accepts, and none of them of the member’s hop', () => {
    hold(
      2_000,
      fc.property(
        anySettings,
        anyInbound,
        anyAnswer,
        fc.nat(urls.length - 1),
        (settings, inbound, answer, i) => {
          const rewrite = compileRewriteAnswer(settings, settings.members);
          const { headers, status } = rewrite(answer, inbound, settings.members[i]!, undefined);
          expectAccepted(headers);
          const switches = status === 101 || status === 426;
          const left = namesIn(headers).filter((name) => endsHere.has(name));
          expect(
            left.filter((name) => name !== 'trailer' && !(switches && /connection|upgrade/.test(name))),
          ).toEqual([]);
          expect(namesIn(headers).filter((name) => name === 'content-length').length).toBeLessThan(2);
          const nominated = findNominated(answer.headers) ?? new Set();
          expect(namesIn(headers).filter((name) => nominated.has(name) && name !== 'via')).toEqual([]);
          // Nothing comes that the member has not sent, but for what we say of the switch and of ourselves.
          const sent = new Set([...namesIn(answer.headers), 'connection', 'upgrade', 'via']);
          expect(namesIn(headers).filter((name) => !sent.has(name))).toEqual([]);
        },
      ),
    );
  });
});

describe('a member’s address', () => {
  const anyRest = fc
    .tuple(fc.webPath(), fc.constantFrom('', '?a=b', '#x', '?u=http://member.example/app'))
    .map(([path, rest]) => path + rest);
  const anyWritten = fc.oneof(
    fc
      .tuple(
        fc.constantFrom('/app', '', ...urls, '//member.example/app', 'http://front.example/mount'),
        anyRest,
      )
      .map((all) => all.join('')),
    anyValue,
  );
  const anyField = fc.constantFrom('Location', 'Content-Location', 'URI', 'Destination');
  const outside = { host: 'front.example', protocol: 'http', mountPath: '/mount' } as const;

  function rewriteWith(settings: Settings, inbound: Inbound, name: string, i = 0): (value: string) => string {
    const rewrite = compileRewriteAnswer(settings, settings.members);
    return (value) => {
      const answer = { status: 302, reason: '', headers: [name, value] };
      return rewrite(answer, inbound, settings.members[i]!, undefined).headers[1]!;
    };
  }

  test('that was made public is public, and stays as it is', () => {
    hold(
      2_000,
      fc.property(
        anyWritten,
        anyField,
        fc.boolean(),
        fc.nat(urls.length - 1),
        (written, name, preserves, i) => {
          const settings = build({ members: urls, proxypreservehost: preserves });
          const rewrite = rewriteWith(settings, createInbound(outside), name, i);
          const once = rewrite(written);
          expect(rewrite(once)).toBe(once);
        },
      ),
    );
  });

  test('leads the client to the same path of that member: there and back', () => {
    hold(
      1_000,
      fc.property(
        fc.webPath(),
        fc.constantFrom('', '/app', '/a/b'),
        fc.boolean(),
        (below, base, isAbsolute) => {
          const path = `/x${below}`;
          const settings = build({ members: [`http://member.example${base}/`] });
          const rewrite = rewriteWith(settings, createInbound(outside), 'Location');
          const written = isAbsolute ? `http://member.example${base}${path}` : base + path;
          expect(rewrite(written)).toBe(isAbsolute ? `http://front.example/mount${path}` : `/mount${path}`);
        },
      ),
    );
  });

  test('of somebody else is left as it was written', () => {
    hold(
      1_000,
      fc.property(fc.webUrl({ validSchemes: ['http', 'https', 'ftp'] }), (url) => {
        const settings = build({ members: urls });
        if (/member\.example|other\.example/i.test(new URL(url).host)) return;
        expect(rewriteWith(settings, createInbound(outside), 'Location')(url)).toBe(url);
      }),
    );
  });

  test('in a cookie is changed in Domain and Path alone, once for all', () => {
    const anyAttribute = fc.oneof(
      fc.constantFrom(
        'Path=/app',
        'path=/app/x',
        'Domain=member.example',
        'DOMAIN=.other.example',
        'Secure',
        'HttpOnly',
      ),
      fc.constantFrom(
        'Path="/app"',
        'Path=/mount',
        'Path',
        'Domain=',
        'SameSite=Lax',
        'Max-Age=1',
        ' Path = /app ',
      ),
      anyValue,
    );
    const isOther = (part: string): boolean => !/^\s*(?:path|domain)\s*=/i.test(part);
    hold(
      2_000,
      fc.property(anyToken, anyValue, fc.array(anyAttribute, { maxLength: 5 }), (name, value, attributes) => {
        const settings = build({ members: urls });
        const rewrite = rewriteWith(settings, createInbound(outside), 'Set-Cookie');
        const written = [`${name}=${value}`, ...attributes].join('; ');
        const once = rewrite(written);
        expect(once.split(';').filter((part, i) => i === 0 || isOther(part))).toEqual(
          written.split(';').filter((part, i) => i === 0 || isOther(part)),
        );
        expect(rewrite(once)).toBe(once);
        // Who is asked for by another name would get no such cookie.
        expect(once).not.toMatch(/;\s*domain\s*=\s*"?\.?(?:member|other)\.example"?\s*$/i);
      }),
    );
  });
});
