import { afterEach, describe, expect, test } from '@jest/globals';
import cookieParser from 'cookie-parser';
import type { BalancerDefinition } from '../../src/index.ts';
import { ask } from '../support/ask.ts';
import { startBackend, startRawBackend, type Backend } from '../support/backend.ts';
import { senders, startFront } from '../support/front.ts';
import { startHandler } from '../support/handler.ts';
import { tidyUp } from '../support/idle.ts';
import { linesOf, RawClient, type WireAnswer } from '../support/raw-client.ts';
import { startToldFront } from '../support/stories.ts';

afterEach(tidyUp);

/** Names that every object has: a table of fields that is one loses them, or takes them for fields. */
const names = [
  'constructor',
  '__proto__',
  'toString',
  'hasOwnProperty',
  'valueOf',
  '__defineGetter__',
] as const;

const lines = names.map((name) => `${name}: of ${name}`);

/** Those among these lines that are ours, whatever their spelling, in order. */
function findOurs(all: readonly string[]): readonly string[] {
  const ours = new Set(lines.map((line) => line.toLowerCase()));
  return all.map((line) => line.toLowerCase()).filter((line) => ours.has(line));
}

const whole = lines.map((line) => line.toLowerCase());

describe.each(senders)('%s: fields with names that every object has', (name, sender) => {
  async function startWith(url: string, definition: Partial<BalancerDefinition> = {}) {
    return startFront({ ...sender, ...definition, members: [url] });
  }

  /** A member that says this to every request. */
  function startSpeaker(head: readonly string[], body = ''): Promise<Backend> {
    return startRawBackend((socket) => socket.write([...head, '', body].join('\r\n')));
  }

  async function get(url: string, definition: Partial<BalancerDefinition> = {}): Promise<WireAnswer> {
    const { port } = await startWith(url, definition);
    const client = await RawClient.connect(port);
    return client.ask(['GET / HTTP/1.1', 'Host: front']);
  }

  test.each<[what: string, repeated: readonly string[]]>([
    ['once', lines],
    ['twice', lines.flatMap((line) => [line, line])],
  ])('reach the member, each %s', async (_what, repeated) => {
    const backend = await startSpeaker(['HTTP/1.1 200 OK', 'Content-Length: 2'], 'ok');
    const { port } = await startWith(backend.url);
    const client = await RawClient.connect(port);
    const { status, body } = await client.ask(['GET / HTTP/1.1', 'Host: front', ...repeated, 'X-Last: 1']);
    expect([status, body]).toEqual([200, 'ok']);
    const received = backend.received[0]!.rawHeaders[0]!.split('\r\n');
    expect(findOurs(received)).toEqual(repeated.map((line) => line.toLowerCase()));
    expect(received).toContain('X-Last: 1');
  });

  test('reach the client', async () => {
    const backend = await startSpeaker(['HTTP/1.1 200 OK', ...lines, 'Content-Length: 2', 'X-Last: 1'], 'ok');
    const { status, headers, body } = await get(backend.url);
    expect([status, body]).toEqual([200, 'ok']);
    expect(findOurs(linesOf(headers))).toEqual(whole);
    expect(linesOf(headers)).toContain('X-Last: 1');
  });

  test('reach the client with hints', async () => {
    const backend = await startSpeaker(
      [
        'HTTP/1.1 103 Early Hints',
        ...lines,
        'Link: </a.css>; rel=preload',
        '',
        'HTTP/1.1 200 OK',
        'Content-Length: 2',
      ],
      'ok',
    );
    const { status, interims, body } = await get(backend.url);
    expect([status, body]).toEqual([200, 'ok']);
    expect(findOurs(linesOf(interims[0]!.headers)).toSorted()).toEqual(whole.toSorted());
    expect(interims[0]!.headers).toContain('</a.css>; rel=preload');
  });

  test('reach the client behind the content', async () => {
    const chunks = ['2', 'ok', '0', ...lines, 'X-Last: 1', '', ''].join('\r\n');
    const backend = await startSpeaker(['HTTP/1.1 200 OK', 'Transfer-Encoding: chunked'], chunks);
    const { status, trailers, body } = await get(backend.url);
    expect([status, body]).toEqual([200, 'ok']);
    expect(findOurs(linesOf(trailers))).toEqual(whole);
    expect(linesOf(trailers)).toContain('X-Last: 1');
  });

  test('reach the member behind the body, as far as trailers do', async () => {
    const trailers: string[] = [];
    const { url } = await startHandler((req, res) => {
      req.resume().on('end', () => {
        trailers.push(...linesOf(req.rawTrailers));
        res.end('ok');
      });
    });
    const { port } = await startWith(url);
    const client = await RawClient.connect(port);
    const chunks = ['2', 'ok', '0', ...lines, 'X-Last: 1', '', ''].join('\r\n');
    const { status } = await client.ask(
      ['PUT / HTTP/1.1', 'Host: front', 'Transfer-Encoding: chunked'],
      chunks,
    );
    expect(status).toBe(200);
    // undici sends none.
    const hasTrailers = name === 'http-proxy-middleware';
    expect(findOurs(trailers)).toEqual(hasTrailers ? whole : []);
    expect(trailers.includes('X-Last: 1')).toBe(hasTrailers);
  });

  test('nominated by Connection, end here; the others do not', async () => {
    const nominated = ['Connection: __proto__, constructor', ...lines];
    const backend = await startSpeaker(['HTTP/1.1 200 OK', ...nominated, 'Content-Length: 2'], 'ok');
    const { port } = await startWith(backend.url);
    const client = await RawClient.connect(port);
    const { headers } = await client.ask(['GET / HTTP/1.1', 'Host: front', ...nominated]);
    const kept = whole.filter((line) => !/^(?:__proto__|constructor):/.test(line));
    expect(findOurs(backend.received[0]!.rawHeaders[0]!.split('\r\n'))).toEqual(kept);
    expect(findOurs(linesOf(headers))).toEqual(kept);
  });

  test.each(names)('are no cookie and no hash key where there is none: %s', async (inherited) => {
    const [a, b] = [await startBackend('a'), await startBackend('b')];
    const front = await startToldFront(
      {
        ...sender,
        stickysession: inherited,
        lbmethod: 'byhash',
        hashKey: { header: inherited },
        members: [
          { url: a.url, route: 'a' },
          { url: b.url, route: 'b' },
        ],
      },
      { before: (app) => app.use(cookieParser()) },
    );
    // Without a key they are drawn: a key would keep them all on one member.
    const unkeyed = new Set<string>();
    for (let i = 0; i < 60 && unkeyed.size < 2; i += 1) unkeyed.add((await ask(front.port)).text);
    expect([...unkeyed].toSorted()).toEqual(['a', 'b']);
    // And with one where it says.
    const { text } = await ask(front.port, { headers: { Cookie: `${inherited}=x.b` } });
    expect(text).toBe('b');
    const keyed = new Set<string>();
    for (let i = 0; i < 4; i += 1) {
      const client = await RawClient.connect(front.port);
      keyed.add((await client.ask(['GET / HTTP/1.1', 'Host: front', `${inherited}: key`])).body);
    }
    expect(keyed.size).toBe(1);
  });
});
