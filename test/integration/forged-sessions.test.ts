import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import cookieParser from 'cookie-parser';
import { sign } from 'cookie-signature';
import type { BalancerFacts } from '../../src/index.ts';
import { startBackend, type Backend } from '../support/backend.ts';
import { senders, startFront, type Front } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { RawClient } from '../support/raw-client.ts';

const secret = 'right';

/** As a browser sends back what cookie-parser has signed. */
function signed(route: string, by: string): string {
  return encodeURIComponent(`s:${sign(route, by)}`);
}

/** Routes that no member has. */
const nobodies = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'prototype',
  '0',
  '-1',
  'NaN',
  'undefined',
  'null',
  'true',
  '1 ',
  '01',
  '1\x00',
  '1;2',
  '*',
  '.*',
  '../1',
  'b'.repeat(8_000),
];

/** What a client may make of a good cookie for route 2. */
const cookies: readonly (readonly [string, string])[] = [
  ['of another secret', signed('2', 'wrong')],
  ['unsigned', '2'],
  ['with the signature of another route', signed('1', secret).replace('s%3A1', 's%3A2')],
  ['with a letter of its signature in another case', swapCase(signed('2', secret))],
  ['with more behind its signature', `${signed('2', secret)}x`],
  ['with less of its signature', signed('2', secret).slice(0, -1)],
  ['with a blank in its signature', signed('2', secret).replace('.', '.%20')],
  ['with a signature of nothing', signed('2', '')],
  ['with two signatures', encodeURIComponent(`s:${sign(sign('2', secret), 'wrong')}`)],
  ['signed twice', encodeURIComponent(`s:s:${sign('2', secret)}`)],
  ['encoded twice', encodeURIComponent(signed('2', secret))],
  ['without s:', encodeURIComponent(sign('2', secret))],
  ['in capitals', signed('2', secret).replace('s%3A', 'S%3A')],
  ['as JSON', encodeURIComponent('j:{"route":"2"}')],
  ['of 15,000 letters', `s%3A2.${'A'.repeat(15_000)}`],
  ['of half an escape', 's%3A2.%'],
];

function swapCase(cookie: string): string {
  return encodeURIComponent(
    decodeURIComponent(cookie).replace(/\.[^a-z]*[a-z]/i, (part) =>
      part === part.toLowerCase() ? part.toUpperCase() : part.toLowerCase(),
    ),
  );
}

describe.each(senders)('over %s', (_name, sender) => {
  let fronts: Readonly<Record<'signing' | 'sticky' | 'parsing', Front>>;
  let backends: readonly Backend[];
  let facts: BalancerFacts | undefined;

  beforeAll(async () => {
    backends = await Promise.all([startBackend('1'), startBackend('2')]);
    const members = backends.map(({ url }, i) => ({ url, route: String(i + 1) }));
    const start = (definition: object, parse = false): Promise<Front> =>
      startFront(
        { ...sender, ...definition, members },
        {
          before(app) {
            if (parse) app.use(cookieParser('another'));
            app.use((req, res, next) => {
              res.on('finish', () => (facts = req.balancer));
              next();
            });
          },
        },
      );
    const routeCookie = { name: 'R', secret };
    fronts = {
      signing: await start({ routeCookie }),
      parsing: await start({ routeCookie, stickysession: 'SID' }, true),
      sticky: await start({ stickysession: 'SID' }),
    };
  });

  afterAll(tidyUp);

  /** What binds a request with this cookie and target: name and route, or nothing. */
  async function bind(
    { port }: Front,
    cookie: string | undefined,
    target = '/',
  ): Promise<readonly (string | undefined)[]> {
    const client = await RawClient.connect(port);
    const lines = cookie === undefined ? [] : [`Cookie: ${cookie}`];
    const { status, body } = await client.ask([`GET ${target} HTTP/1.1`, 'Host: a', ...lines]);
    client.socket.destroy();
    expect([status, body]).toEqual([200, expect.stringMatching(/^[12]$/)]);
    return [facts?.sticky, facts?.route];
  }

  describe.each(['signing', 'parsing'] as const)('a front that is %s', (kind) => {
    test('is led by a cookie that it has signed', async () => {
      expect(await bind(fronts[kind], `R=${signed('2', secret)}`)).toEqual(['R', '2']);
    });

    test.each(cookies)('is not led by one %s', async (_what, cookie) => {
      expect(await bind(fronts[kind], `R=${cookie}`)).toEqual([undefined, undefined]);
      // Nor does it hide the good one, wherever that stands.
      for (const both of [`R=${cookie}; R=${signed('1', secret)}`, `R=${signed('1', secret)}; R=${cookie}`]) {
        if (both.length < 15_000) expect(await bind(fronts[kind], both)).toEqual(['R', '1']);
      }
    });

    test.each(nobodies)('is led nowhere by a good signature for %j, and serves', async (route) => {
      expect(await bind(fronts[kind], `R=${signed(route, secret)}`)).toEqual(['R', route]);
      expect(facts?.routeChanged).toBe(true);
    });
  });

  // The format is cookie-parser's: a signature is for a value, not for a name.
  test('a value that another balancer has signed with the same secret leads; with its own it does not', async () => {
    expect(await bind(fronts.signing, `R=${signed('2', secret)}`)).toEqual(['R', '2']);
    expect(await bind(fronts.signing, `OTHER=${signed('2', secret)}`)).toEqual([undefined, undefined]);
    expect(await bind(fronts.signing, `R=${signed('2', 'its own')}`)).toEqual([undefined, undefined]);
  });

  test.each(nobodies)('a session for %j leads nowhere, and is served', async (route) => {
    const encoded = encodeURIComponent(route);
    expect(await bind(fronts.sticky, `SID=x.${encoded}`)).toEqual(['SID', route]);
    if (route.length > 100) return;
    expect(await bind(fronts.sticky, undefined, `/?SID=x.${encoded}`)).toEqual(['SID', route]);
    if (!/[./\0]/.test(route))
      expect(await bind(fronts.sticky, undefined, `/a;SID=x.${encoded}`)).toEqual(['SID', route]);
  });

  test.each(['__proto__', 'constructor', 'toString'])('a name like %s is no session', async (name) => {
    for (const cookie of [`${name}=x.2`, `${name}[SID]=x.2`, `SID[${name}]=x.2`]) {
      expect(await bind(fronts.sticky, cookie)).toEqual([undefined, undefined]);
      expect(await bind(fronts.parsing, cookie)).toEqual([undefined, undefined]);
    }
    expect(await bind(fronts.sticky, undefined, `/a;${name}=x.2?${name}=x.2`)).toEqual([
      undefined,
      undefined,
    ]);
  });
});
