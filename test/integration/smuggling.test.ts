import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { senders } from '../support/front.ts';
import { tidyUp, until } from '../support/idle.ts';
import { RawClient } from '../support/raw-client.ts';
import type { Smuggling } from '../support/smuggling/case.ts';
import { corpus } from '../support/smuggling/corpus.ts';
import { startDoors, type Door } from '../support/smuggling/doors.ts';
import { startRecordingMember, type RecordingMember } from '../support/smuggling/member.ts';
import { describeRequest, readings } from '../support/smuggling/readings.ts';

const after = 'GET /after HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
const victim = 'GET /victim';

/** Fields that members must not find behind a body. */
const forbidden =
  /^(?:x.?forwarded|forwarded|host|content.length|transfer.encoding|via|x-named-away|max.f|cookie|auth)/i;

describe.each(senders)('over %s, whatever a client sends, all members read the same', (_name, sender) => {
  let member: RecordingMember;
  let doors: readonly Door[];
  let close: () => Promise<void>;

  beforeAll(async () => {
    member = await startRecordingMember();
    ({ doors, close } = await startDoors({ ...sender, members: [member.url] }));
  });

  afterAll(async () => {
    await close();
    await tidyUp();
  });

  describe.each(corpus)('%s', (_what, cases) => {
    test.each(cases)('$what', async (smuggling) => {
      for (const door of doors) await attack(door, smuggling);
    });
  });

  /** The client's connection comes to its end, or to the request behind; then another client asks, over connections that are kept. */
  async function attack(
    door: Door,
    { bytes, reaches, leniently = reaches, waits, isCut }: Smuggling,
  ): Promise<void> {
    const attacker = await RawClient.connect(door.port);
    attacker.write(waits ? bytes : bytes + after);
    if (!waits) await attacker.readRest();
    const other = await RawClient.connect(door.port);
    const { body } = await other.ask([`${victim} HTTP/1.1`, 'Host: a']);
    for (const { socket } of [attacker, other]) socket.destroy();
    await until(() => member.halves().every(({ socket }) => socket.destroyed));

    const isMissed = isCut === true && member.read(readings[0]!).length === 1;
    const whatReaches = isMissed ? [] : door.isLenient ? leniently : reaches;
    const expected = [...whatReaches, victim].toSorted();
    expect([door.name, body]).toEqual([door.name, victim]);
    for (const reading of readings) {
      const requests = member.read(reading);
      const got = requests.map(describeRequest).toSorted();
      const wanted = expected.map(reading.describe).toSorted();
      expect([door.name, reading.name, got]).toEqual([door.name, reading.name, wanted]);
      expect(requests.flatMap(({ trailers }) => trailers).filter(([name]) => forbidden.test(name))).toEqual(
        [],
      );
    }
    member.forget();
  }
});
