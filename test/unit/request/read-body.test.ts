import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import express5, { type RequestHandler } from 'express';
import type { StreamBody } from '../../../src/request/body.ts';
import { readBody } from '../../../src/request/read-body.ts';
import { drink, fakeRequest, startLoopback, turn, type Loopback } from './loopback.ts';
import { application, bytesAfter, express4, readAfter, type Parsed } from './parsers.ts';

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
    delete req.headers['content-length'];
    expect(readBody(req, 1024)).toEqual({ kind: 'none', counted: false });
  });

  test.each<[Readonly<Record<string, string>>, number | undefined]>([
    [{ 'Content-Length': '4' }, 4],
    [{ 'Transfer-Encoding': 'chunked' }, undefined],
  ])('comes from the client: %j', async (headers, length) => {
    const { client, req } = await front.post(headers);
    client.end('body');
    const body = readBody(req, 1024) as StreamBody;
    expect([body.kind, body.length]).toEqual(['stream', length]);
    expect((await drink(body.open())).toString()).toBe('body');
  });

  test('waits for the balancer although somebody watches it', async () => {
    const fake = Object.assign(fakeRequest(), { headers: { 'transfer-encoding': 'chunked' } });
    const watched: string[] = [];
    fake.on('data', (chunk: Buffer) => watched.push(chunk.toString()));
    fake.push('body');
    fake.push(null);
    const body = readBody(fake as unknown as IncomingMessage, 1024) as StreamBody;
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

describe('A body that somebody has read', () => {
  test.each<[string, { rawBody?: unknown; body?: unknown }, string, string]>([
    ['raw text', { rawBody: 'raw', body: {} }, application.json, 'raw'],
    [
      'raw bytes of a multipart body',
      { rawBody: Buffer.from('raw') },
      'multipart/form-data; boundary=x',
      'raw',
    ],
    ['other bytes', { body: new Uint8Array([0x61, 0x62]) }, application.json, 'ab'],
    ['an array for JSON of another name', { body: [1] }, 'application/reports', '[1]'],
    ['an object without a type', { body: { a: 1 } }, '', '{"a":1}'],
    [
      'form fields that were changed',
      { body: { a: 1, b: null, c: undefined, d: [true, false] } },
      application.form,
      'a=1&b=&d=true&d=false',
    ],
    ['text that is no Latin-1', { body: '\u20ac' }, 'text/plain; charset=latin1', '\xe2\x82\xac'],
  ])('is put together from %s', async (_what, left, type, bytes) => {
    const headers: Record<string, string> = type === '' ? {} : { 'Content-Type': type };
    // A Uint8Array has no type of its own.
    expect(await bytesAfter([leave(left)], { headers, body: Buffer.from('whatever it was') })).toBe(bytes);
  });

  test('in another charset than Node writes, says so', async () => {
    const headers = { 'Content-Type': `${application.form}; charset=iso-8859-1` };
    const read = await readAfter([express5.urlencoded()], { headers, body: 'a=%E9' });
    expect(read).toEqual({
      kind: 'bytes',
      bytes: Buffer.from('a=%C3%A9'),
      contentType: `${application.form}; charset=utf-8`,
    });
  });

  const circular: unknown[] = [];
  circular.push(circular);
  test.each<[string, unknown, string, RegExp]>([
    ['multer', { field: 'x' }, 'multipart/form-data; boundary=x', /multer.*mount the balancer before/],
    ['nothing of JSON', undefined, application.json, /has read it and left no req\.body or req\.rawBody/],
    ['nothing of a form', undefined, application.form, /express\.urlencoded\(\).*rawBody/],
    ['the {} of Express 4 for a form', {}, application.form, /express\.urlencoded\(\)/],
    ['the {} of Express 4 for bytes', {}, 'application/octet-stream', /application\/octet-stream/],
    ['the {} of Express 4 for something else', {}, 'application/x-own', /application\/x-own/],
    ['nothing of text', undefined, 'text/csv', /text\/csv/],
    ['fields for text', { a: 1 }, 'text/plain', /text\/plain/],
    ['nothing of something without a type', undefined, '', /no Content-Type/],
    ['what an XML parser makes', { root: {} }, 'application/soap+xml', /soap\+xml/],
    ['null for something else', null, 'application/x-own', /x-own/],
    ['a circle', circular, application.json, /express\.json\(\)/],
    ['a function', () => undefined, application.json, /express\.json\(\)/],
  ])('cannot be put together from %s', async (_what, body, type, problem) => {
    const headers: Record<string, string> = type === '' ? {} : { 'Content-Type': type };
    const read = await readAfter([leave({ body })], { headers, body: Buffer.from('whatever it was') });
    expect(read).toEqual({ kind: 'consumed', problem: expect.stringMatching(problem) });
  });
});
