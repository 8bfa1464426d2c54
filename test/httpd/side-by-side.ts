import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { HttpdConfOptions } from '../../src/httpd-conf/httpd-conf.ts';
import type { Backend } from '../support/backend.ts';
import { see, startTellingBackend, type Ask, type Seen } from './backends.ts';
import { startHttpd, type Httpd } from './httpd.ts';
import { startOurs, type Ours } from './ours.ts';

/** What a configuration is written with: the port that it is served on, the URLs of three backends, and one that refuses. */
export type Places = Readonly<{ port: number; a: string; b: string; c: string; dead: string }>;

/** What was seen: in a line, `200 a /upstream` and what else there is, and what the backend was told beside. */
export type Told = Readonly<{ line: string; headers: NonNullable<Seen['upstream']>['headers'] | undefined }>;

/** Both with the same configuration and the same backends. */
export type Pair = Readonly<{
  httpd: Httpd;
  ours: Ours;
  places: Places;
  backends: Readonly<Record<'a' | 'b' | 'c', Backend>>;
  /** Asks one after the other the same of both. */
  ask(asked: string | Ask): Promise<Readonly<{ httpd: Told; ours: Told }>>;
  stop(): Promise<void>;
}>;

/** What may be otherwise than usual: how ours reads it (default: `compat: 'httpd'`), what it drops. */
export type PairOptions = Readonly<{
  options?: HttpdConfOptions;
  /** Directives that ours drops, in order. Default: none. */
  drops?: readonly RegExp[];
  /** Makes alike what differs in its spelling only. */
  spell?: (line: string) => string;
}>;

/** Starts both. */
export async function startPair(
  write: (places: Places) => string,
  { options = { compat: 'httpd' } }: PairOptions = {},
): Promise<Pair> {
  const [a, b, c] = await Promise.all([
    startTellingBackend('a'),
    startTellingBackend('b'),
    startTellingBackend('c'),
  ]);
  // Reserved, so that it refuses; and no other backend's URL begins like this one, which httpd would take for it.
  const urls = { a: a.url, b: b.url, c: c.url, dead: 'http://127.0.0.1:9' };
  const httpd = await startHttpd((port) => write({ port, ...urls }));
  const stopBackends = () => Promise.all([a.stop(), b.stop(), c.stop()]);
  const ours = await startOurs((port) => write({ port, ...urls }), options).catch(async (error: unknown) => {
    await Promise.all([httpd.stop(), stopBackends()]);
    throw error;
  });
  const name = (seen: Seen): Told => ({
    line: Object.entries(urls).reduce(
      (text, [letter, url]) => text.replaceAll(url, `{${letter}}`),
      tell(seen),
    ),
    headers: seen.upstream?.headers,
  });
  return {
    httpd,
    ours,
    places: { port: httpd.port, ...urls },
    backends: { a, b, c },
    async ask(asked) {
      const one = typeof asked === 'string' ? { target: asked } : asked;
      const filled = { ...one, ...(one.order && { order: fill(one.order, urls) }) };
      return { httpd: name(await see(httpd.port, filled)), ours: name(await see(ours.port, filled)) };
    },
    async stop() {
      await Promise.all([httpd.stop(), ours.stop(), stopBackends()]);
    },
  };
}

/** In orders `{a}` is the URL of that backend. */
function fill(order: NonNullable<Ask['order']>, urls: Readonly<Record<string, string>>): Ask['order'] {
  return JSON.parse(
    JSON.stringify(order).replaceAll(/\{(a|b|c)\}/g, (_whole, letter: string) => urls[letter]!),
  ) as Ask['order'];
}

function tell({ status, backend, upstream, location, contentLocation, setCookie }: Seen): string {
  return [
    String(status),
    backend,
    upstream?.url,
    location && `-> ${location}`,
    contentLocation && `at ${contentLocation}`,
    ...setCookie.map((value) => `{${value}}`),
  ]
    .filter(Boolean)
    .join(' ');
}

/** A request, and what both say to it; where that is left out they have only to say the same. */
export type Row = readonly [asked: string | Ask, expected?: string | undefined];

/** Tests that both do the same with a configuration: rows in order, since each may change who comes next. */
export function describeSame(
  name: string,
  write: (places: Places) => string,
  rows: readonly Row[],
  options: PairOptions = {},
): void {
  describe(name, () => {
    let pair: Pair | undefined;
    beforeAll(async () => {
      pair = await startPair(write, options);
    });
    afterAll(async () => {
      await pair?.stop();
    });

    test('ours drops nothing but what is said here', () => {
      const dropped = pair!.ours.conf.notices.filter(({ kind }) => kind === 'dropped');
      const drops = options.drops ?? [];
      expect(dropped.map(({ directive }) => directive)).toEqual(
        drops.map((pattern) => expect.stringMatching(pattern) as unknown),
      );
    });

    test.each(rows.map(([asked, expected], i) => [i + 1, describeAsk(asked), asked, expected] as const))(
      '%i: %s',
      async (_i, _asked, asked, expected) => {
        const { httpd, ours } = await pair!.ask(asked);
        const { spell = (line: string) => line } = options;
        const line = expected ?? httpd.line;
        expect({ httpd: httpd.line, ours: spell(ours.line) }).toEqual({ httpd: line, ours: line });
        expect(ours.headers).toEqual(httpd.headers);
      },
    );
  });
}

function describeAsk(asked: string | Ask): string {
  if (typeof asked === 'string') return asked;
  const { target, method, headers, order } = asked;
  return [method, target, headers && JSON.stringify(headers), order && JSON.stringify(order)]
    .filter(Boolean)
    .join(' ');
}

/** A request with a cookie. */
export function withCookie(cookie: string | readonly string[], target = '/p'): Ask {
  return { target, headers: { Cookie: cookie } };
}

/** A request for another host. */
export function toHost(host: string, target = '/x'): Ask {
  return { target, headers: { Host: host } };
}

/** A request whose answer has this Location; `{a}` is the URL of a backend. */
export function redirectedTo(location: string, target = '/p', host = 'front.example'): Ask {
  return { target, headers: { Host: host }, order: { status: 302, headers: [['Location', location]] } };
}

/** A request whose answer sets these cookies. */
export function settingCookies(cookies: readonly string[], target = '/p'): Ask {
  return { target, order: { headers: cookies.map((cookie) => ['Set-Cookie', cookie] as const) } };
}
