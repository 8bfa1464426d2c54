import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import express5, { type RequestHandler } from 'express';
import { readBody } from '../../../src/request/read-body.ts';
import { startLoopback } from './loopback.ts';
import { application, bytesAfter, express4, readAfter, type Parsed } from './parsers.ts';

describe.each([
  ['Express 5', express5],
  ['Express 4', express4],
])('A body that a parser of %s has read', (_name, express) => {
  const json = (options = {}): RequestHandler => express.json(options);
  const anyType = { type: '*/*' };
  test.each([
    [
      'JSON',
      application.json,
      '{ "a": [1, {"b": "\u00e9"}], "c": null }',
      '{"a":[1,{"b":"é"}],"c":null}',
      json(),
    ],
    ['JSON of a +json type', 'application/vnd.api+json', '{}', '{}', json(anyType)],
    ['JSON of any type', 'application/csp-report', '[{"a": 1}]', '[{"a":1}]', json(anyType)],
    ['a JSON string', application.json, ' "text" ', '"text"', json({ strict: false })],
    ['a JSON string of digits', application.json, ' "123" ', '"123"', json({ strict: false })],
    ['a JSON null', application.json, 'null', 'null', json({ strict: false })],
    ['a JSON false', application.json, 'false', 'false', json({ strict: false })],
    ['text', 'text/plain', 'some\r\ntext \u00e9', 'some\r\ntext é', express.text()],
    ['the text of JSON', application.json, '{ "a": 1 }', '{ "a": 1 }', express.text(anyType)],
    [
      'the text of JSON with a mark',
      application.json,
      '\ufeff{ "a": 1 }',
      '{ "a": 1 }',
      express.text(anyType),
    ],
    ['the text of no JSON', application.json, 'text', 'text', express.text(anyType)],
    ['bytes', 'application/octet-stream', '\0\u00ff', '\0ÿ', express.raw()],
    ['bytes of multipart', 'multipart/form-data; boundary=x', '--x--', '--x--', express.raw(anyType)],
    [
      'a form',
      application.form,
      'a=1&b=%C3%A9+%26',
      'a=1&b=%C3%A9+%26',
      express.urlencoded({ extended: false }),
    ],
  ])('is sent again from what is left of %s', async (_what, type, sent, expected, parser) => {
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
      const headers = { 'Content-Type': application.form };
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
    const headers = { 'Content-Type': application.json, 'Content-Encoding': 'gzip' };
    const sent = { headers, body: gzipSync('{ "a": 1 }') };
    expect(await bytesAfter([json()], sent, express)).toBe('{"a":1}');
    expect(await bytesAfter([express.text({ type: '*/*' })], sent, express)).toBe('{ "a": 1 }');
    const text = { headers, body: gzipSync('"text"') };
    expect(await bytesAfter([json({ strict: false })], text, express)).toBe('"text"');
  });

  test('is sent again as it was if the parser keeps the bytes', async () => {
    const parser = express.json({
      verify: (req: Parsed, _res, buffer) => {
        req.rawBody = buffer;
      },
    });
    const sent = { headers: { 'Content-Type': application.json }, body: '{  "a":1}' };
    expect(await bytesAfter([parser], sent, express)).toBe('{  "a":1}');
  });

  test('is none if it was empty', async () => {
    const front = await startLoopback();
    const { client, req, res } = await front.post({
      'Content-Type': application.json,
      'Transfer-Encoding': 'chunked',
    });
    client.end();
    await new Promise<void>((resolve) => {
      json()(req as never, res as never, resolve as never); // body-parser asks for nothing that is Express's
    });
    expect(readBody(req, 1024)).toEqual({ kind: 'none', counted: false });
    await front.close();
  });

  test.each([
    ['text/plain; charset=iso-8859-1', '\xe9', '\xe9', undefined],
    ['text/plain; charset=utf-16le', '\xe9\0', '\xe9\0', undefined],
    ['text/plain; charset="koi8-r"; x=y', '\xc1', '\xd0\xb0', 'text/plain; charset=utf-8; x=y'],
    ['application/json; charset=utf-16le', '[\x000\x00]\0', '[0]', 'application/json; charset=utf-8'],
    ['application/json; charset=UTF-8', '[0]', '[0]', undefined],
  ])('has a charset that is true when it came as %s', async (type, sent, bytes, contentType) => {
    const received = { headers: { 'Content-Type': type }, body: Buffer.from(sent, 'latin1') };
    const read = await readAfter([json(), express.text()], received, express);
    expect(read).toEqual({ kind: 'bytes', bytes: Buffer.from(bytes, 'latin1'), contentType });
  });
});
