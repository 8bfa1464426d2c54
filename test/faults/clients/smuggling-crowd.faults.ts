import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { senders } from '../../support/front.ts';
import { until } from '../../support/idle.ts';
import { RawClient } from '../../support/raw-client.ts';
import type { Smuggling } from '../../support/smuggling/case.ts';
import { corpus } from '../../support/smuggling/corpus.ts';
import { startDoors, type Door } from '../../support/smuggling/doors.ts';
import { startRecordingMember } from '../../support/smuggling/member.ts';
import { describeRequest, readings } from '../../support/smuggling/readings.ts';
import { noteWhatIsThere, nothingIsLeft } from '../support/leftovers.ts';

beforeEach(noteWhatIsThere);

let close = (): Promise<void> => Promise.resolve();

afterEach(async () => {
  await close();
  await nothingIsLeft();
});

const cases = corpus.flatMap(([, group]) => group).filter(({ waits, isCut }) => !waits && !isCut);
const after = 'GET /after HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
const ATTACKERS = 24;
const OTHERS = 8;

describe.each(senders)('over %s, while a crowd of clients tries everything at once', (_name, sender) => {
  test('the others get their own answers, and the member the requests that it should, by every reading', async () => {
    const member = await startRecordingMember();
    const opened = await startDoors({ ...sender, members: [member.url] });
    ({ close } = opened);
    const { doors } = opened;

    const attacks = doors.flatMap((door) => cases.map((each) => [door, each] as const));
    const expected = new Map<string, number>();
    for (const [door, { reaches, leniently = reaches }] of attacks) {
      for (const request of door.isLenient ? leniently : reaches) count(expected, request);
    }
    let isOver = false;
    const others = Array.from({ length: OTHERS }, (_, i) => askOn(doors[i % doors.length]!, i, () => isOver));
    await Promise.all(Array.from({ length: ATTACKERS }, () => attackOn(attacks)));
    isOver = true;
    for (const request of (await Promise.all(others)).flat()) count(expected, request);
    await until(() => member.halves().every(({ socket }) => socket.destroyed));

    for (const reading of readings) {
      const got = new Map<string, number>();
      for (const request of member.read(reading)) count(got, describeRequest(request));
      const wanted = new Map<string, number>();
      for (const [request, times] of expected) count(wanted, reading.describe(request), times);
      expect([reading.name, [...got].toSorted()]).toEqual([reading.name, [...wanted].toSorted()]);
    }
  });
});

function count(counts: Map<string, number>, request: string, times = 1): void {
  counts.set(request, (counts.get(request) ?? 0) + times);
}

/** One attacker: takes what is left, and tries it. */
async function attackOn(attacks: (readonly [Door, Smuggling])[]): Promise<void> {
  for (let next = attacks.pop(); next; next = attacks.pop()) {
    const [door, { bytes }] = next;
    const attacker = await RawClient.connect(door.port);
    await attacker.write(bytes + after).readRest();
  }
}

/** One of the others: asks again and again on a connection of its own, each time for something else; tells for what. */
async function askOn(door: Door, who: number, isOver: () => boolean): Promise<readonly string[]> {
  const client = await RawClient.connect(door.port);
  const asked: string[] = [];
  while (!isOver()) {
    const body = `of ${who}, ${asked.length}`;
    const request = `POST /${who}/${asked.length} ${body}`;
    const lines = [`POST /${who}/${asked.length} HTTP/1.1`, 'Host: a', `Content-Length: ${body.length}`];
    const answer = await client.ask(lines, body);
    if (answer.body !== request) throw new Error(`${request} was answered with ${answer.body}`);
    asked.push(request);
  }
  client.socket.destroy();
  return asked;
}
