import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect, test } from '@jest/globals';
import { mustWaitForTurn } from '../../../src/request/pipelining.ts';

type Socket = { destroyed: boolean; _httpMessage: unknown };

function connectClient(): Socket {
  return { destroyed: false, _httpMessage: null };
}

/** A request that has come on a connection; the first one has its turn. */
function arrive(
  socket: Socket,
  method: string,
): Readonly<{ req: IncomingMessage; res: ServerResponse; waits: boolean }> {
  const isFirst = socket._httpMessage === null;
  const req = { method, socket } as unknown as IncomingMessage;
  const res = { req, socket: isFirst ? socket : null, headersSent: false, writableFinished: false };
  if (isFirst) socket._httpMessage = res;
  const given = res as unknown as ServerResponse;
  return { req, res: given, waits: mustWaitForTurn(req, given) };
}

// RFC 9112 9.3.2.
test.each([
  [['GET'], [false]],
  [['POST'], [false]],
  [
    ['GET', 'HEAD', 'OPTIONS', 'TRACE'],
    [false, false, false, false],
  ],
  [
    ['GET', 'POST'],
    [false, true],
  ],
  [
    ['POST', 'GET'],
    [false, true],
  ],
  [
    ['GET', 'PUT', 'GET', 'DELETE'],
    [false, true, true, true],
  ],
  [
    ['GET', 'PROPFIND', 'GET'],
    [false, true, true],
  ],
] as const)('of %j on one connection, those wait: %j', (methods, expected) => {
  const socket = connectClient();
  expect(methods.map((method) => arrive(socket, method).waits)).toEqual(expected);
});

test('what is not safe is waited for until it is answered', () => {
  const socket = connectClient();
  arrive(socket, 'GET');
  const { res } = arrive(socket, 'PUT');
  expect(arrive(socket, 'GET').waits).toBe(true);
  Object.assign(res, { writableFinished: true });
  expect(arrive(socket, 'GET').waits).toBe(false);
});

test('nobody waits for what will not come', () => {
  const socket = connectClient();
  const none = {
    req: { method: 'POST', socket },
    socket: null,
    headersSent: false,
  } as unknown as ServerResponse;
  // A response that no server has made has no turn.
  expect(mustWaitForTurn(none.req, none)).toBe(false);
  arrive(socket, 'POST');
  const { req, res } = arrive(socket, 'POST');
  expect(mustWaitForTurn(req, res)).toBe(true);
  // Whoever has answered meanwhile is done.
  Object.assign(res, { headersSent: true });
  expect(mustWaitForTurn(req, res)).toBe(false);
  Object.assign(res, { headersSent: false });
  // The client has left.
  socket.destroyed = true;
  expect(mustWaitForTurn(req, res)).toBe(false);
});
