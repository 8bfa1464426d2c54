import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { BalancerDefinition } from '../../src/index.ts';
import { ask } from '../support/ask.ts';
import { senders } from '../support/front.ts';
import { until } from '../support/idle.ts';
import { startHolding } from '../support/holding.ts';
import { openWebSocket, startChat } from '../support/websocket.ts';
import {
  askUntilRefused,
  beginDownload,
  beginUpload,
  openMany,
  type Fate,
} from './support/end-of-life/crowd.ts';
import { startFrontProcess, stopFrontProcesses } from './support/end-of-life/front-process.ts';
import { noteWhatIsThere, nothingIsLeft } from './support/leftovers.ts';
import { startMember, stopMembers } from './support/member-process.ts';

beforeEach(noteWhatIsThere);

afterEach(async () => {
  await stopFrontProcesses();
  await stopMembers();
  await nothingIsLeft();
});

/** What a pause of the machine may add to a time. */
const pauseMs = 1_500;

/** How often each is in a list that is in it more than once. */
function findRepeated(list: readonly string[]): readonly string[] {
  return list.filter((each, i) => list.indexOf(each) !== i);
}

function idsOf(fates: readonly Fate[], ...wanted: readonly Fate['what'][]): readonly string[] {
  return fates.filter(({ what }) => wanted.includes(what)).map(({ id }) => id);
}

/** A front in a process of its own, with a request that nobody answers and a WebSocket. */
async function startHeld(sender: Partial<BalancerDefinition>, grace: string) {
  const [holding, chat] = [await startHolding(), await startChat()];
  const members = [
    { url: holding.url, route: 'a' },
    { url: chat.url, route: 'b', status: 'N' },
  ];
  const front = await startFrontProcess({ ...sender, stickysession: 'SID', members }, grace);
  const answer = ask(front.port);
  const { socket } = await openWebSocket(front.port, '/?SID=x.b');
  return { front, chat, holding, answer, socket };
}

describe.each(senders)('SIGTERM, over %s,', (_name, sender) => {
  test('lets all that is under way end, tells WebSockets one by one, and the process ends by itself', async () => {
    const [m1, m2, chat] = [await startMember('m1'), await startMember('m2'), await startChat('chat')];
    const front = await startFrontProcess(
      {
        ...sender,
        stickysession: 'SID',
        members: [
          { url: m1.url, route: 'm1' },
          { url: m2.url, route: 'm2' },
          // Only for those who are bound to it.
          { url: chat.url, route: 'chat', status: 'N' },
        ],
      },
      '5s',
    );
    const { port } = front;
    const begun = (): readonly string[] => [...m1.begun, ...m2.begun].map((line) => line.split(' ')[1]!);

    const farewells = await openMany(port, '/?SID=x.chat', 20);
    const memberCodes = chat.sockets.map(async (socket) => ((await once(socket, 'close')) as [number])[0]);
    const bytes = 12_000_000;
    const downloads = await Promise.all([1, 2, 3].map((i) => beginDownload(port, `download-${i}`, bytes)));
    const uploads = await Promise.all([1, 2, 3, 4].map((i) => beginUpload(port, `upload-${i}`)));
    const slow = Array.from({ length: 10 }, (_, i) =>
      ask(port, {
        method: 'POST',
        path: '/slow?ms=1500',
        headers: { 'X-Id': `slow-${i}`, 'Content-Length': '0' },
      }),
    );
    const loops = Array.from({ length: 8 }, (_, i) => askUntilRefused(port, `quick-${i}`));
    await until(() => begun().length > 300 && begun().filter((id) => id.startsWith('slow')).length === 10);
    const asked = performance.now();
    await front.terminate();

    const fates = (await Promise.all(loops)).flat();
    // No new connections: each of them was told so.
    expect(fates.filter(({ what }) => what === 'unanswered').length).toBeGreaterThanOrEqual(8);
    expect(await Promise.all(uploads.map((upload) => upload.finish()))).toEqual(Array(4).fill('whole'));
    expect(await Promise.all(downloads.map((download) => download.finish()))).toEqual(Array(3).fill(bytes));
    expect((await Promise.all(slow)).map(({ status, text }) => [status, text])).toEqual(
      Array.from({ length: 10 }, (_, i) => [200, `slow-${i}`]),
    );

    const told = await Promise.all(farewells);
    expect(told.map(({ code }) => code)).toEqual(Array(20).fill(1001));
    expect(await Promise.all(memberCodes)).toEqual(Array(20).fill(1001));
    const windowMs = 3_750;
    const tenths = told.map(({ at }) => Math.floor((10 * (at - asked)) / windowMs));
    // Two are due in each; those of a whole pause of the machine come in one.
    for (let tenth = 0; tenth < 12; tenth += 1) {
      expect(tenths.filter((each) => each === tenth).length).toBeLessThanOrEqual(8);
    }
    expect(new Set(tenths).size).toBeGreaterThanOrEqual(5);

    const { code, signal, afterMs } = await front.ended;
    expect([code, signal, front.complaints()]).toEqual([0, null, '']);
    expect(afterMs).toBeLessThan(5_000 + pauseMs);

    // Who got no answer was not served; who was served, was served once, and has got the answer.
    const served = new Set(begun());
    expect(idsOf(fates, 'half')).toEqual([]);
    expect(idsOf(fates, 'refused', 'unanswered').filter((id) => served.has(id))).toEqual([]);
    expect(idsOf(fates, 'answered').filter((id) => !served.has(id))).toEqual([]);
    expect(findRepeated(begun())).toEqual([]);
  });

  test('cuts at the end of the grace what never ends, and the process ends all the same', async () => {
    const { front, chat, holding, answer, socket } = await startHeld(sender, '1s');
    // It answers nobody any more.
    socket.pause();
    await until(() => holding.held() === 1);
    const memberClosed = once(chat.sockets[0]!, 'close') as Promise<[number]>;

    await front.terminate();

    expect((await answer).status).toBe(503);
    expect((await memberClosed)[0]).toBe(1001);
    const { code, signal, afterMs } = await front.ended;
    expect([code, signal, front.complaints()]).toEqual([0, null, '']);
    expect(afterMs).toBeGreaterThan(900);
    expect(afterMs).toBeLessThan(1_000 + 2 * pauseMs);
    socket.resume();
  });

  test('a second time ends all at once; WebSockets hear 1001 nevertheless', async () => {
    const { front, chat, holding, answer, socket } = await startHeld(sender, '10m');
    const closed = Promise.all([once(socket, 'close'), once(chat.sockets[0]!, 'close')]);
    await until(() => holding.held() === 1);

    await front.terminate();
    await front.terminate();

    expect((await closed).map(([code]) => code as number)).toEqual([1001, 1001]);
    expect((await answer).status).toBe(503);
    const { code, signal, afterMs } = await front.ended;
    expect([code, signal, front.complaints()]).toEqual([0, null, '']);
    expect(afterMs).toBeLessThan(2 * pauseMs);
  });
});
