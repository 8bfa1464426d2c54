import { createServer } from 'node:http';
import { expect, test } from '@jest/globals';
import request from 'supertest';
import { notFound, readFailure, respondWithFailure, type Failure } from '../../../src/cli/error-page.ts';
import { BalancerError } from '../../../src/errors.ts';

const ask = (failure: Failure): request.Test =>
  request(
    createServer((req, res) => {
      respondWithFailure(req, res, failure);
    }),
  ).get('/');

test('a balancer error keeps its status and fields; its words are not for clients', async () => {
  const error = new BalancerError('ERR_BALANCER_NO_MEMBER', {
    detail: 'http://10.0.0.1',
    headers: { 'Retry-After': '60' },
  });
  const { status, text, headers } = await ask(readFailure(error));
  expect(status).toBe(503);
  expect(text).toBe('503 Service Unavailable\nThe service is not available at the moment.\n');
  expect(headers['retry-after']).toBe('60');
});

test('a client is told what was wrong with its own request', async () => {
  const error = new BalancerError('ERR_BALANCER_BAD_REQUEST', { detail: '<script>' });
  const { status, text, type } = await ask(readFailure(error)).set('Accept', 'text/html, */*');
  expect([status, type]).toEqual([400, 'text/html']);
  expect(text).toContain('<h1>400 Bad Request</h1>');
  expect(text).toContain('The request cannot be forwarded: &#60;script&#62;.');
});

test.each([new Error('secret'), 'secret', { status: 200 }, { status: '404' }, undefined, null])(
  'anything else that is thrown is a 500 without its words: %p',
  async (error: unknown) => {
    const { status, text } = await ask(readFailure(error));
    expect([status, text]).toEqual([500, '500 Internal Server Error\nThe request could not be served.\n']);
  },
);

test('what nobody serves is a 404', async () => {
  const { status, text } = await ask(notFound);
  expect([status, text]).toEqual([404, '404 Not Found\nNothing is served here.\n']);
});

test('half an answer does not look whole', async () => {
  const server = createServer((req, res) => {
    res.writeHead(200, { 'Content-Length': 100 });
    res.write('half');
    respondWithFailure(req, res, notFound);
  });
  await expect(request(server).get('/')).rejects.toThrow();
});
