import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { readPlace } from '../../../../src/manager/door/place.ts';

const read = (url: string, mounted: object = {}) =>
  readPlace(Object.assign(new IncomingMessage(new Socket()), { url, ...mounted }));

describe('where a manager is mounted', () => {
  test.each([
    ['Express', '/', { baseUrl: '/ops', originalUrl: '/ops/' }, '/ops'],
    ['Express, at the top', '/api', { baseUrl: '', originalUrl: '/api' }, ''],
    ['Express, with a slash at the end', '/', { baseUrl: '/ops/', originalUrl: '/ops/' }, '/ops'],
    ['Connect', '/api?x=1', { originalUrl: '/ops/api?x=1' }, '/ops'],
    ['Connect, without a slash at the end', '/', { originalUrl: '/ops' }, '/ops'],
    ['Connect, at the top', '/api', { originalUrl: '/api' }, ''],
    ['Connect, rewritten by somebody', '/b', { originalUrl: '/a' }, ''],
    ['plain http', '/api', {}, ''],
    ['letters that are encoded', '/', { baseUrl: '/%C3%BCber' }, '/%C3%BCber'],
  ])('%s', (_how, url, mounted, base) => {
    expect(read(url, mounted)).toMatchObject({ base });
  });

  test.each([
    '//evil.example',
    '///x',
    '/\\evil.example',
    '/%5Cevil.example',
    '/a/../..',
    '/a/./b',
    'evil',
    '/%',
  ])('not at %j', (baseUrl) => {
    expect(read('/', { baseUrl })).toBeUndefined();
  });
});

describe('what is asked for', () => {
  test.each([
    ['/api?x=1&y=%20', '/api', 'x=1&y=+', undefined],
    ['//evil.example/', '//evil.example/', '', undefined],
    ['http://ops.example/api?x=1', '/api', 'x=1', 'ops.example'],
  ])('%s', (url, path, query, authority) => {
    const place = read(url)!;
    expect({ ...place, query: place.query.toString() }).toMatchObject({ path, query, authority });
  });

  test.each(['*', '', 'ops.example:80', 'http://a@b/', '/a#b', '/a b'])('%j is nothing', (url) => {
    expect(read(url)).toBeUndefined();
  });
});
