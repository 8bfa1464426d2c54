import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import express5, { type RequestHandler } from 'express';
import type { Body, StreamBody } from '../../../src/request/body.ts';
import { readBody, type ConsumedBody } from '../../../src/request/read-body.ts';
import { drink, startLoopback, turn, type Loopback } from './loopback.ts';

// The same package under another name: it has no types of its own.
const express4 = createRequire(import.meta.url)('express4') as typeof express5;

type Parsed = IncomingMessage & { rawBody?: unknown; body?: unknown };
type Sent = Readonly<{ headers?: Readonly<Record<string, string>>; body: string | Uint8Array }>;

const json = 'application/json';
const form = 'application/x-www-form-urlencoded';

/** What `readBody` says of a request after these middlewares. */
async function readAfter(
  middlewares: readonly RequestHandler[],
  { headers = {}, body }: Sent,
  express: typeof express5 = express5,
): Promise<Body | ConsumedBody> {
  let read: Body | ConsumedBody | undefined;
  const app = express();
  app.use(...middlewares, (req, res) => {
    read = readBody(req, 1024);
    if (read.kind === 'stream') read.discard();
    res.end();
  });
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body });
  server.close();
  await once(server, 'close');
  return read!;
}

async function bytesAfter(
  middlewares: readonly RequestHandler[],
  sent: Sent,
  express = express5,
): Promise<string> {
  const body = await readAfter(middlewares, sent, express);
  return body.kind === 'bytes' ? body.bytes.toString('latin1') : body.kind;
}

/** Leaves something for the body, as some middleware might. */
function leave(left: { rawBody?: unknown; body?: unknown }): RequestHandler {
  return (req: Parsed, _res, next) => {
    req.resume();
    req.once('end', () => {
      Object.assign(req, left);
      next();
    });
  };
}

describe('A body that nobody has read', () => {
  let front: Loopback;
  beforeEach(async () => {
    front = await startLoopback();
  });
  afterEach(async () => {
    await front.close();
  });

  test('is none without length and without chunks', async () => {
    const { req } = await front.post({ 'Content-Length': '0' });
    expect(readBody(req, 1024)).toEqual({ kind: 'none', counted: true });
    const headless = { ...req, headers: {} } as IncomingMessage; // as a GET has it
    expect(readBody(headless, 1024)).toEqual({ kind: 'none', counted: false });
  });

  test.each([
    [{ 'Content-Length': '4' }, 4],
    [{ 'Transfer-Encoding': 'chunked' }, undefined],
  ])('comes from the client: %j', async (headers, length) => {
    const { client, req } = await front.post(headers as Record<string, string>);
    client.end('body');
    const body = readBody(req, 1024) as StreamBody;
    expect([body.kind, body.length]).toEqual(['stream', length]);
    expect((await drink(body.open())).toString()).toBe('body');
  });

  test('waits for the balancer although somebody watches it', async () => {
    const { client, req } = await front.post();
    const watched: string[] = [];
    req.on('data', (chunk: Buffer) => watched.push(chunk.toString()));
    client.end('body');
    const body = readBody(req, 1024) as StreamBody;
    await turn();
    expect(watched).toEqual([]);
    expect((await drink(body.open())).toString()).toBe('body');
    expect(watched).toEqual(['body']);
  });

  test.each<[string, (req: IncomingMessage) => unknown]>([
    ['made text of it', (req) => req.setEncoding('utf8')],
    ['waits for it to be readable', (req) => req.on('readable', () => undefined)],
  ])('is consumed if somebody has %s', async (_what, tamper) => {
    const { req } = await front.post();
    tamper(req);
    expect(readBody(req, 1024)).toEqual({
      kind: 'consumed',
      problem: expect.stringContaining('mount the balancer'),
    });
  });

  test('is consumed if the client has left', async () => {
    const { client, req } = await front.post();
    client.destroy();
    await new Promise<void>((resolve) => req.once('close', resolve));
    expect(readBody(req, 1024)).toEqual({
      kind: 'consumed',
      problem: expect.stringContaining('client has left'),
    });
  });

  test('is consumed if somebody has stopped reading in the middle', async () => {
    const { client, req } = await front.post();
    client.write('some');
    await once(req, 'data');
    req.pause();
    expect(readBody(req, 1024)).toEqual({ kind: 'consumed', problem: expect.stringContaining('first part') });
  });

  test.each([
    ['Express 5', express5],
    ['Express 4', express4],
  ])('of multipart is left to the client by all parsers of %s', async (_name, express) => {
    const parsers = [express.json(), express.urlencoded({ extended: true }), express.text(), express.raw()];
    const headers = { 'Content-Type': 'multipart/form-data; boundary=x' };
    expect(await readAfter(parsers, { headers, body: '--x--' }, express)).toMatchObject({
      kind: 'stream',
      length: 5,
    });
  });
});

describe.each([
  ['Express 5', express5],
  ['Express 4', express4],
])('A body that a parser of %s has read', (_name, express) => {
  test.each([
    [
      'json',
      express.json(),
      json,
      '{ "a": [1, {"b": "\u00e9"}], "c": null }',
      '{"a":[1,{"b":"é"}],"c":null}',
    ],
    ['json', express.json(), 'application/vnd.api+json', '{}', 'stream'],
    ['json of +json', express.json({ type: '*/*' }), 'application/vnd.api+json', '{}', '{}'],
    ['json of any type', express.json({ type: '*/*' }), 'application/csp-report', '[{"a": 1}]', '[{"a":1}]'],
    ['json, not strict', express.json({ strict: false }), json, ' "text" ', '"text"'],
    ['json, not strict', express.json({ strict: false }), json, ' "123" ', '"123"'],
    ['json, not strict', express.json({ strict: false }), json, 'null', 'null'],
    ['json, not strict', express.json({ strict: false }), json, 'false', 'false'],
    ['text', express.text(), 'text/plain', 'some\r\ntext \u00e9', 'some\r\ntext é'],
    ['text of JSON', express.text({ type: '*/*' }), json, '{ "a": 1 }', '{ "a": 1 }'],
    ['text of JSON with a mark', express.text({ type: '*/*' }), json, '\ufeff{ "a": 1 }', '{ "a": 1 }'],
    ['text of no JSON', express.text({ type: '*/*' }), json, 'text', 'text'],
    ['raw', express.raw({ type: '*/*' }), 'application/octet-stream', '\0\u00ff', '\0ÿ'],
    ['raw multipart', express.raw({ type: '*/*' }), 'multipart/form-data; boundary=x', '--x--', '--x--'],
    ['urlencoded', express.urlencoded({ extended: false }), form, 'a=1&b=%C3%A9+%26', 'a=1&b=%C3%A9+%26'],
  ])('is sent again from what %s has left of %s: %s', async (_what, parser, type, sent, expected) => {
    const bytes = await bytesAfter([parser], { headers: { 'Content-Type': type }, body: sent }, express);
    expect(Buffer.from(bytes, 'latin1').toString()).toBe(expected);
  });

  test.each([true, false])('is a form that reads the same again, extended: %s', async (extended) => {
    for (const sent of [
      'a=1&b=2&c=',
      'a=1&a=2&a=3',
      'a=x%3Dy%26z&%C3%A9=%E2%82%AC+%2B',
      'a[b]=1&a[c]=2',
      'a[]=1',
      'a[]=1&a[]=2',
      'a[0][b]=1&a[0][c]=2&a[1][b]=3',
      'a[b][]=1&a[b][]=2&a[c][d][e]=3',
      'a[b]=1&a[b]=2&z=[x]',
      'a[0]=1&a[1][b]=2&a[2][0]=3&a[2][1]=4',
    ]) {
      const parser = express.urlencoded({ extended });
      const headers = { 'Content-Type': form };
      const values: unknown[] = [];
      const note: RequestHandler = (req, _res, next) => {
        values.push(req.body);
        next();
      };
      const again = await bytesAfter([parser, note], { headers, body: sent }, express);
      await bytesAfter([parser, note], { headers, body: again }, express);
      expect({ sent, value: values[1] }).toEqual({ sent, value: values[0] });
    }
  });

  test('is sent again uncompressed', async () => {
    const headers = { 'Content-Type': json, 'Content-Encoding': 'gzip' };
    const sent = { headers, body: gzipSync('{ "a": 1 }') };
    expect(await bytesAfter([express.json()], sent, express)).toBe('{"a":1}');
    expect(await bytesAfter([express.text({ type: '*/*' })], sent, express)).toBe('{ "a": 1 }');
    const text = { headers, body: gzipSync('"text"') };
    expect(await bytesAfter([express.json({ strict: false })], text, express)).toBe('"text"');
  });

  test('is sent again as it was if the parser keeps the bytes', async () => {
    const parser = express.json({
      verify: (req: Parsed, _res, buffer) => {
        req.rawBody = buffer;
      },
    });
    const sent = { headers: { 'Content-Type': json }, body: '{  "a":1}' };
    expect(await bytesAfter([parser], sent, express)).toBe('{  "a":1}');
  });

  test('is none if it was empty', async () => {
    const empty = new ReadableStream({
      start: (controller) => {
        controller.close();
      },
    });
    const sent = { headers: { 'Content-Type': json }, body: empty as unknown as string, duplex: 'half' };
    expect(await readAfter([express.json()], sent, express)).toEqual({ kind: 'none', counted: false });
  });

  test.each([
    ['text', 'text/plain; charset=iso-8859-1', '\xe9', '\xe9', undefined],
    ['text', 'text/plain; charset=utf-16le', '\xe9\0', '\xe9\0', undefined],
    ['text', 'text/plain; charset="koi8-r"; x=y', '\xc1', '\xd0\xb0', 'text/plain; charset=utf-8; x=y'],
    ['json', 'application/json; charset=utf-16le', '[\x000\x00]\0', '[0]', 'application/json; charset=utf-8'],
    ['json', 'application/json; charset=UTF-8', '[0]', '[0]', undefined],
  ])('of %s as %s has a charset that is true', async (parser, type, sent, bytes, contentType) => {
    const parsers = [express.json(), express.text()];
    const read = await readAfter(
      parsers,
      { headers: { 'Content-Type': type }, body: Buffer.from(sent, 'latin1') },
      express,
    );
    expect(parser).toMatch(/text|json/);
    expect(read).toEqual({ kind: 'bytes', bytes: Buffer.from(bytes, 'latin1'), contentType });
  });
});

describe('A body that somebody has read', () => {
  test.each<[string, { rawBody?: unknown; body?: unknown }, string, string]>([
    ['raw text', { rawBody: 'raw', body: {} }, json, 'raw'],
    [
      'raw bytes of a multipart body',
      { rawBody: Buffer.from('raw') },
      'multipart/form-data; boundary=x',
      'raw',
    ],
    ['other bytes', { body: new Uint8Array([0x61, 0x62]) }, json, 'ab'],
    ['an array for JSON of another name', { body: [1] }, 'application/reports', '[1]'],
    ['an object without a type', { body: { a: 1 } }, '', '{"a":1}'],
    [
      'form fields that were changed',
      { body: { a: 1, b: null, c: undefined, d: [true, false] } },
      form,
      'a=1&b=&d=true&d=false',
    ],
    ['text that is no Latin-1', { body: '\u20ac' }, 'text/plain; charset=latin1', '\xe2\x82\xac'],
  ])('is put together from %s', async (_what, left, type, bytes) => {
    const headers: Record<string, string> = type === '' ? {} : { 'Content-Type': type };
    // A Uint8Array has no type of its own.
    expect(await bytesAfter([leave(left)], { headers, body: Buffer.from('whatever it was') })).toBe(bytes);
  });

  test('in another charset than Node writes, says so', async () => {
    const headers = { 'Content-Type': `${form}; charset=iso-8859-1` };
    const read = await readAfter([express5.urlencoded()], { headers, body: 'a=%E9' });
    expect(read).toEqual({
      kind: 'bytes',
      bytes: Buffer.from('a=%C3%A9'),
      contentType: `${form}; charset=utf-8`,
    });
  });

  const circular: unknown[] = [];
  circular.push(circular);
  test.each<[string, unknown, string, RegExp]>([
    ['multer', { field: 'x' }, 'multipart/form-data; boundary=x', /multer.*mount the balancer before/],
    ['nothing of JSON', undefined, json, /express\.json\(\).*rawBody/],
    ['nothing of a form', undefined, form, /express\.urlencoded\(\).*rawBody/],
    ['Express 4’s {} for a form', {}, form, /express\.urlencoded\(\)/],
    ['Express 4’s {} for bytes', {}, 'application/octet-stream', /application\/octet-stream/],
    ['Express 4’s {} for something else', {}, 'application/x-own', /application\/x-own/],
    ['nothing of text', undefined, 'text/csv', /text\/csv/],
    ['fields for text', { a: 1 }, 'text/plain', /text\/plain/],
    ['nothing of something without a type', undefined, '', /no Content-Type/],
    ['what an XML parser makes', { root: {} }, 'application/soap+xml', /soap\+xml/],
    ['null for something else', null, 'application/x-own', /x-own/],
    ['a circle', circular, json, /express\.json\(\)/],
    ['a function', () => undefined, json, /express\.json\(\)/],
  ])('cannot be put together from %s', async (_what, body, type, problem) => {
    const headers: Record<string, string> = type === '' ? {} : { 'Content-Type': type };
    const read = await readAfter([leave({ body })], { headers, body: Buffer.from('whatever it was') });
    expect(read).toEqual({ kind: 'consumed', problem: expect.stringMatching(problem) });
  });
});
