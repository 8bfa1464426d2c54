import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ask } from '../support/ask.ts';
import { startBackend } from '../support/backend.ts';
import { senders, startFront } from '../support/front.ts';
import { until } from '../support/idle.ts';
import { listLeft, noteWhatIsThere, nothingIsLeft } from './support/leftovers.ts';
import { startLink, stopLinks } from './support/link.ts';
import { startMember, stopMembers } from './support/member-process.ts';

beforeEach(noteWhatIsThere);

afterEach(async () => {
  await stopLinks();
  await stopMembers();
  await nothingIsLeft();
});

describe.each(senders)('what these tests stand on, over %s', (_name, sender) => {
  test('a link carries a request, and one that is cut carries nothing and tells nobody', async () => {
    const backend = await startBackend('b');
    const link = await startLink(backend.port);
    const front = await startFront({ ...sender, members: [{ url: link.url, timeout: '2s' }] });

    expect((await ask(front.port)).text).toBe('b');
    link.set({ isCut: true });
    expect((await ask(front.port)).code).toBe('ERR_BALANCER_TIMEOUT');
    expect(backend.received).toHaveLength(1);
  });

  test('a member that is killed has told what it had begun', async () => {
    const member = await startMember('m');
    const front = await startFront({ ...sender, members: [member.url] });

    const answer = ask(front.port, { method: 'POST', path: '/1?ms=60000' });
    await until(() => member.begun.length > 0);
    await member.kill();
    expect((await answer).status).toBe(502);
    expect([member.begun, member.done]).toEqual([['POST /1'], []]);
  });
});

test('a socket that is left behind is told of', async () => {
  const backend = await startBackend('b');
  noteWhatIsThere();
  const socket = connect(backend.port, '127.0.0.1').on('error', () => undefined);
  await once(socket, 'connect');
  expect(listLeft().join()).toContain('TCPSocketWrap');
  socket.destroy();
});
