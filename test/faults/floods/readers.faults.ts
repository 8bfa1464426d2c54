import { describe, expect, test } from '@jest/globals';
import type { StickySettings } from '../../../src/definition/settings.ts';
import { decodePath } from '../../../src/request/decode-path.ts';
import { compileExclude } from '../../../src/request/exclude.ts';
import { compileFindHttpdSession } from '../../../src/request/httpd-session.ts';
import { compilePathRewrite, readClientPath, splitTarget } from '../../../src/request/path.ts';
import { findSession, type SessionFacts } from '../../../src/request/session.ts';
import { valuesOfCookie } from '../../../src/request/cookies.ts';
import { readContentType } from '../../../src/request/content-type.ts';
import { compileAddForwarded } from '../../../src/rewrite/forwarded.ts';
import { findNominated } from '../../../src/rewrite/hop-by-hop.ts';
import { readMaxForwards } from '../../../src/rewrite/max-forwards.ts';
import { hasPassedHere } from '../../../src/rewrite/via.ts';
import type { Inbound } from '../../../src/request/inbound.ts';
import { measureMs } from '../support/floods.ts';

const sid: StickySettings = {
  cookie: 'SID',
  parameter: 'SID',
  separator: '.',
  separatorMatch: 'first',
  routeregex: undefined,
  scolonpathdelim: true,
};
const none: SessionFacts = { path: '/', pathToMember: '/', query: '', headers: [], parsedCookies: undefined };
const isNobody = (): boolean => false;
const findHttpd = compileFindHttpdSession('shop');
const stickies = [sid, { ...sid, separator: undefined }, { ...sid, routeregex: /!(.*)$/ }];

function find(facts: Partial<SessionFacts>): void {
  for (const sticky of stickies) {
    findSession({ ...none, ...facts }, sticky, isNobody);
    findHttpd({ ...none, ...facts }, sticky, isNobody);
  }
}

const inbound = { remoteAddress: '10.0.0.1', host: 'a.test', mountPath: '', protocol: 'http' } as Inbound;
const addForwarded = compileAddForwarded({ xForwarded: true, forwarded: true }, 'front')!;
const isExcluded = compileExclude(['/x/y/z', '/x//', /^\/x.*y$/])!;
const rewritePath = compilePathRewrite({ '/old$': '/new', '^/x': '/' })!;

/** What is written again and again: a text as long as wanted, by the reader that it is for. */
const readers: Readonly<
  Record<string, Readonly<{ read: (text: string) => unknown; pieces: readonly string[] }>>
> = {
  cookies: {
    read(text) {
      find({ headers: ['Cookie', text, 'Cookie', `SID=${text}`] });
      valuesOfCookie(['Cookie', text], 'SID');
    },
    pieces: [
      'x',
      ';',
      ' ',
      '"',
      '%',
      '%41',
      'SID',
      'SID ',
      ' SID',
      'SID=',
      ';SID=',
      ';SID=a.b',
      ',SID=a!b',
      '!',
      '=',
      'SID="',
    ],
  },
  'path parameters': {
    read(text) {
      find({ path: `/${text}`, pathToMember: `/${text}` });
    },
    pieces: [
      'x',
      ';',
      '/',
      ';SID',
      ';SID=',
      ';SID=a.b',
      ';SID=a!b',
      'SID=',
      ';x=y/',
      '%3B',
      '%41',
      ';SID=%',
      '?',
      '&',
    ],
  },
  'query parameters': {
    read(text) {
      find({ query: `?${text}` });
    },
    pieces: ['x', '&', ';', '&SID', '&SID=', '&SID=a.b', '&SID=!', 'SID=', '%41', '&SID=%', '?', '=', '+'],
  },
  paths: {
    read(text) {
      splitTarget(`/${text}`);
      splitTarget(`http://a.test/${text}`);
      readClientPath(`/${text}`);
      decodePath(`/${text}`);
      isExcluded(`/x${text}`, {} as never);
      rewritePath(`/x${text}`, {} as never);
    },
    pieces: [
      'x',
      '/',
      '.',
      './',
      '../',
      'x/../',
      'x/./',
      '%2e/',
      '%41',
      '%',
      '%2f',
      '\\',
      '..;',
      ';',
      '%3b',
      '%5c..',
      '\u00ff',
    ],
  },
  'X-Forwarded-* and Forwarded': {
    read(text) {
      addForwarded([], inbound, ['X-Forwarded-For', text, 'Forwarded', text, 'X-Forwarded-Prefix', text]);
      const lines = text.match(/.{1,8}/gs) ?? [];
      addForwarded(
        [],
        inbound,
        lines.flatMap((line) => ['X-Forwarded-For', line]),
      );
    },
    pieces: ['1', ',', ' ', '1.2.3.4, ', '"', '\\', 'for=x;', '/'],
  },
  Via: {
    read: (text) => hasPassedHere(['Via', `front${text}`], 'front'),
    pieces: ['x', ',', ' ', '\t', '(', '()', '(\\', ')', '1.1 front ', '1.1 fron,', 'front', 'front,'],
  },
  Connection: {
    read: (text) => findNominated(['Connection', text]),
    pieces: ['x', ',', ' ', ' ,', 'a,', 'close,', 'keep-alive , '],
  },
  'Max-Forwards': {
    read: (text) => readMaxForwards('TRACE', ['Max-Forwards', text]),
    pieces: ['1', '0', ' ', '1 '],
  },
  'Content-Type': {
    read: (text) => readContentType(`text/html${text}`),
    pieces: ['x', ';', '; ', ';charset', ';charset=', '; charset ', ';charset="', ' = '],
  },
};

const cases = Object.entries(readers).flatMap(([name, { read, pieces }]) =>
  pieces.map((piece) => ({ name, read, piece })),
);

describe('eight times as long takes no more than twenty-four times as long', () => {
  const small = 2 ** 15;

  test.each(cases)('$name of $piece', async ({ read, piece }) => {
    const take = (length: number): Promise<number> => {
      const text = piece.repeat(Math.ceil(length / piece.length));
      return measureMs(4, () => read(text));
    };
    // The first are compiled in between.
    await take(small);
    const [one, eight] = [await take(small), await take(8 * small)];
    // What is too quick to be measured is no attack.
    expect(eight).toBeLessThan(24 * one + 5);
  });
});
