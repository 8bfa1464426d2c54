import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { BodyLost } from '../../../src/request/body-source.ts';
import {
  drink,
  fakeRequest,
  listenersOf,
  startLoopback,
  streamBody,
  turn,
  whenClosed,
  type Loopback,
} from './loopback.ts';

let front: Loopback;
beforeEach(async () => {
  front = await startLoopback();
});
afterEach(async () => {
  await front.close();
});

describe('A body whose client leaves', () => {
  test.each([
    ['before it is resumed', false],
    ['in the middle', true],
  ])('%s ends in an error of its own', async (_when, isResumed) => {
    const { client, req } = await front.post();
    const source = streamBody(req, 1024).open();
    if (isResumed) {
      source.resume();
      client.write('some');
      await once(source, 'data');
    }
    client.destroy();
    await expect(once(source, 'end')).rejects.toThrow(BodyLost);
    expect([source.destroyed, source.errored]).toEqual([true, expect.any(BodyLost)]);
  });

  test('cannot be opened any more', async () => {
    const { client, req } = await front.post();
    const body = streamBody(req, 1024);
    client.destroy();
    await whenClosed(req);
    const source = body.open();
    await expect(once(source, 'end')).rejects.toThrow('the client broke off');
    expect(listenersOf(req)).toBe(0);
  });

  test('can be opened still when it was read to its end', async () => {
    const { client, req } = await front.post();
    client.end('whole');
    const body = streamBody(req, 1024);
    await drink(body.open());
    client.destroy();
    await once(req.socket, 'close');
    expect((await drink(body.open())).toString()).toBe('whole');
  });

  test.each(['aborted', 'error', 'close'])(
    'may be closed at %s, or in the ticks after it, unharmed',
    async (event) => {
      for (let ticks = 0; ticks < 5; ticks += 1) {
        const { client, req } = await front.post();
        const body = streamBody(req, 1024);
        const source = body.open();
        source.resume();
        client.write('some');
        await once(source, 'data');
        const closeAfter = (left: number): void => {
          if (left === 0) body.close();
          else process.nextTick(closeAfter, left - 1);
        };
        req.once(event, () => {
          closeAfter(ticks);
        });
        client.destroy();
        // An 'error' that nobody listens for would fail the test here.
        await Promise.all([whenClosed(source), whenClosed(req)]);
        await turn();
        expect(source.closed).toBe(true);
      }
    },
  );
});

describe('A body that others read too', () => {
  test('is there for those who watch it', async () => {
    const { client, req } = await front.post();
    const body = streamBody(req, 1024);
    const watched: Buffer[] = [];
    const source = body.open();
    req.on('data', (chunk: Buffer) => watched.push(chunk));
    req.pause();
    client.end('seen by both');
    expect((await drink(source)).toString()).toBe('seen by both');
    expect(Buffer.concat(watched).toString()).toBe('seen by both');
  });

  test('loses nothing when somebody else resumes the request', async () => {
    const req = fakeRequest();
    const source = streamBody(req, 1024).open();
    const seen: string[] = [];
    source.on('data', (chunk) => {
      seen.push(chunk.toString());
      source.pause();
    });
    source.resume();
    req.push('1');
    await turn();
    req.resume();
    req.push('2');
    req.push('3');
    await turn();
    expect([seen, req.isPaused()]).toEqual([['1', '2'], true]);
  });

  test('is not sent with a hole where somebody else has read some of it', async () => {
    const req = fakeRequest();
    const body = streamBody(req, 1024);
    const first = body.open();
    first.resume();
    req.push('1');
    await once(first, 'data');
    body.close();
    req.resume();
    req.push('2');
    await turn();
    await expect(drink(body.open())).rejects.toThrow('another listener');
  });

  test('is not sent as an empty one where somebody else has read it all', async () => {
    const { client, req } = await front.post();
    const source = streamBody(req, 1024).open();
    client.end('gone');
    req.resume();
    await whenClosed(req);
    await expect(drink(source)).rejects.toThrow('another listener');
  });
});

test('A body that is lost says so to nobody if nobody listens', async () => {
  const { client, req } = await front.post();
  const source = streamBody(req, 1024).open();
  client.destroy();
  await whenClosed(source);
  expect(source.errored).toBeInstanceOf(BodyLost);
});
