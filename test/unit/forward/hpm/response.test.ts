import { Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { standInForResponse, type ResponseOwner } from '../../../../src/forward/hpm/response.ts';

/** A stand-in over a response of the app's, and what its owner is told. */
function makeStandIn(takes = true): ReturnType<typeof standInForResponse> & { told: unknown[] } {
  const told: unknown[] = [];
  const owner: ResponseOwner = {
    interim: (status, headers) => told.push(['interim', status, headers]),
    head: () => told.push('head'),
    data(chunk) {
      told.push(chunk.toString());
      return takes;
    },
    end: (trailers) => told.push(['end', ...trailers]),
    fail: (cause, kind) => told.push([kind, (cause as Error).message]),
  };
  return { ...standInForResponse(owner, new Socket(), { locals: { user: 'ann' }, statusCode: 500 }), told };
}

describe('a response that stands in', () => {
  test('has what the client’s own has, and what it has itself before that', () => {
    const { shown } = makeStandIn();
    expect([shown.statusCode, (shown as unknown as { locals: unknown }).locals]).toEqual([
      200,
      { user: 'ann' },
    ]);
    expect('locals' in shown && 'statusCode' in shown && !('nothing' in shown)).toBe(true);
  });

  test('keeps what is written to it from the client’s own', () => {
    const { shown, own } = makeStandIn();
    Object.assign(shown, { mine: 1 });
    expect(own).toMatchObject({ mine: 1 });
  });

  test('has headers as a response of Node’s has them', () => {
    const { shown, own } = makeStandIn();
    shown.setHeader('X-A', '1');
    shown.appendHeader('x-a', '2');
    shown.appendHeader('X-B', ['1', '2']);
    shown.setHeaders(
      new Headers([
        ['x-c', '1'],
        ['set-cookie', 'a'],
        ['set-cookie', 'b'],
      ]),
    );
    shown.removeHeader('X-C');
    expect(shown.getHeaders()).toEqual({ 'x-a': ['1', '2'], 'x-b': ['1', '2'], 'set-cookie': ['a', 'b'] });
    expect(shown.getHeaderNames()).toEqual(['x-a', 'x-b', 'set-cookie']);
    expect(own.getRawHeaderNames()).toEqual(['x-a', 'X-B', 'set-cookie']);
    expect([shown.hasHeader('X-b'), shown.hasHeader('x-c')]).toEqual([true, false]);
    expect([...own.removedHeaders]).toEqual(['x-c']);
  });

  test.each([
    ['a name', 'X A', '1'],
    ['a value', 'X-A', 'a\nb'],
    ['no value', 'X-A', undefined as unknown as string],
  ])('refuses %s that cannot be written', (_what, name, value) => {
    expect(() => makeStandIn().shown.setHeader(name, value)).toThrow();
  });

  test.each<[string, string | undefined, (own: ReturnType<typeof makeStandIn>['own']) => unknown]>([
    ['an object', undefined, (own) => own.writeHead(201, { 'X-A': '1', 'X-B': undefined })],
    ['a list', undefined, (own) => own.writeHead(201, ['X-A', '1'])],
    ['pairs', undefined, (own) => own.writeHead(201, [['X-A', '1']])],
    ['a reason and an object', 'Fine', (own) => own.writeHead(201, 'Fine', { 'X-A': '1' })],
    ['a reason and a list', 'Fine', (own) => own.writeHead(201, 'Fine', ['X-A', '1'])],
  ])('takes a head with %s', (_what, reason, write) => {
    const { own, told } = makeStandIn();
    write(own);
    expect(own.getHeaders()).toEqual({ 'x-a': '1' });
    expect(own.statusCode).toBe(201);
    expect(own.statusMessage).toBe(reason);
    expect(told).toEqual(['head']);
  });

  test('repeats what a list repeats', () => {
    const { own } = makeStandIn();
    own.writeHead(200, ['X-A', '1', 'X-A', '2']);
    expect(own.getHeader('x-a')).toEqual(['1', '2']);
  });

  test('has one head, at the first word', () => {
    const { shown, told } = makeStandIn();
    shown.write('a');
    shown.write(Buffer.from('b'));
    shown.write(new Uint8Array([99]));
    shown.write('ZA==', 'base64');
    shown.addTrailers({ 'X-Sum': '1' });
    shown.end('e');
    shown.end('f');
    shown.write('g');
    expect(told).toEqual(['head', 'a', 'b', 'c', 'd', 'e', ['end', 'X-Sum', '1']]);
    expect(shown).toMatchObject({ headersSent: true, writableEnded: true });
    expect(() => shown.setHeader('X-A', '1')).toThrow('after they are sent');
    expect(() => {
      shown.removeHeader('X-A');
    }).toThrow('after they are sent');
    expect(() => shown.writeHead(200)).toThrow('after they are sent');
  });

  test('says when to wait', () => {
    const { shown } = makeStandIn(false);
    expect(shown.write('')).toBe(true);
    expect(shown.write('a')).toBe(false);
    expect(shown.writableNeedDrain).toBe(true);
  });

  test('calls back whoever asks for it', async () => {
    const { shown, own } = makeStandIn();
    await new Promise<void>((resolve) =>
      shown.write('a', () => {
        resolve();
      }),
    );
    await new Promise<void>((resolve) =>
      shown.write('a', 'utf8', () => {
        resolve();
      }),
    );
    const finished = new Promise<void>((resolve) =>
      shown.end(() => {
        resolve();
      }),
    );
    own.emit('finish');
    await finished;
    expect(() => makeStandIn().shown.end(null as never)).not.toThrow();
  });

  test('passes hints on before there is a head, not after it', () => {
    const { shown, told } = makeStandIn();
    let called = 0;
    shown.writeEarlyHints({ link: '</a>' }, () => (called += 1));
    shown.writeProcessing();
    shown.writeContinue();
    shown.flushHeaders();
    shown.writeEarlyHints({ link: '</b>' });
    shown.writeProcessing();
    expect(told).toEqual([['interim', 103, { link: '</a>' }], ['interim', 102, {}], 'head']);
    expect(called).toBe(1);
  });

  test('once its attempt has failed, hears of nothing, and complains of nothing', () => {
    const { shown, own, told } = makeStandIn();
    own.destroyed = true;
    shown.setHeader('X-A', '1');
    shown.writeHead(500, { 'Content-Type': 'text/plain' });
    shown.cork();
    expect(shown.write('Something went wrong')).toBe(true);
    shown.uncork();
    shown.end('.');
    shown.writeEarlyHints({ link: '</a>' });
    expect(told).toEqual([]);
  });

  test('leaves it to its owner to end the client’s connection', () => {
    const { shown, told } = makeStandIn();
    shown.destroy();
    shown.destroy(new Error('mine'));
    expect(told).toEqual([
      ['bad-request', 'a hook has ended the response'],
      ['bad-request', 'mine'],
    ]);
  });
});
