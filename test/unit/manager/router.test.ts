import { describe, expect, test } from '@jest/globals';
import type { Route } from '../../../src/manager/route.ts';
import { compileRoutes } from '../../../src/manager/router.ts';

const answer = () => ({ status: 200, type: 'text/plain', body: '' });
const route = (method: Route['method'], path: string): Route => ({ method, path, answer });

const routes = [
  route('GET', '/'),
  route('POST', '/forms/explain'),
  route('POST', '/forms/:kind'),
  route('GET', '/forms/:kind'),
  route('GET', '/api/:balancer/members/:member'),
  route('DELETE', '/api/:balancer/members/:member'),
  route('POST', '/api/:balancer/members/:member/drain'),
];
const find = compileRoutes(routes);

describe('a path leads to its route', () => {
  test.each([
    ['GET', '/', '/', {}],
    ['HEAD', '/', '/', {}],
    ['POST', '/forms/explain', '/forms/explain', {}],
    ['POST', '/forms/drain', '/forms/:kind', { kind: 'drain' }],
    ['GET', '/forms/explain', '/forms/:kind', { kind: 'explain' }],
    ['GET', '/api/a/members/b', '/api/:balancer/members/:member', { balancer: 'a', member: 'b' }],
    [
      'POST',
      '/api/a/members/b/drain',
      '/api/:balancer/members/:member/drain',
      { balancer: 'a', member: 'b' },
    ],
    [
      'GET',
      '/api/a~2/members/http%3A%2F%2Fapp1%2F',
      '/api/:balancer/members/:member',
      { balancer: 'a~2', member: 'http://app1/' },
    ],
    [
      'GET',
      '/api/%252e/members/%F0%9F%91%8D',
      '/api/:balancer/members/:member',
      { balancer: '%2e', member: '👍' },
    ],
    [
      'GET',
      '/api/__proto__/members/..',
      '/api/:balancer/members/:member',
      { balancer: '__proto__', member: '..' },
    ],
  ])('%s %s', (method, path, expected, params) => {
    const found = find(method, path);
    expect(found.kind).toBe('route');
    if (found.kind !== 'route') return;
    expect(found.route.path).toBe(expected);
    expect({ ...found.params }).toEqual(params);
    expect(Object.getPrototypeOf(found.params)).toBeNull();
  });
});

test.each([
  '',
  '//',
  '/forms',
  '/forms/',
  '/forms/a/b',
  '/FORMS/a',
  '/api//members/b',
  '/api/a/members/%',
  '/api/a/members/%ff',
  '/./',
  '/x/../',
  'forms/a',
])('%j leads to nothing', (path) => {
  expect(find('GET', path)).toEqual({ kind: 'nothing' });
});

test.each([
  ['POST', '/', 'GET, HEAD'],
  ['get', '/', 'GET, HEAD'],
  ['DELETE', '/forms/explain', 'POST, GET, HEAD'],
  ['PATCH', '/api/a/members/b', 'GET, HEAD, DELETE'],
  ['HEAD', '/api/a/members/b/drain', 'POST'],
])('%s %s is told what there is', (method, path, allow) => {
  expect(find(method, path)).toEqual({ kind: 'wrong-method', allow });
});
