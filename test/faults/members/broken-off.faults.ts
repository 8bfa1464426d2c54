import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ask, type Told } from '../../support/ask.ts';
import { startRawBackend } from '../../support/backend.ts';
import { senders, startFront, type Front } from '../../support/front.ts';
import { isIdle, until } from '../../support/idle.ts';
import { noteWhatIsThere, nothingIsLeft } from '../support/leftovers.ts';

beforeEach(noteWhatIsThere);
afterEach(nothingIsLeft);

const answers = {
  counted: 'HTTP/1.1 200 OK\r\nX-A: b\r\nContent-Length: 24\r\n\r\nHTTP/1.1 200 OK\r\n\r\nwhole',
  chunked:
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n3\r\nwho\r\n0a;x=y\r\n0\r\n\r\n0\r\n\r\n\r\n2\r\nle\r\n0\r\nX-T: 1\r\n\r\n',
  'behind interim ones':
    'HTTP/1.1 103 E\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole',
} as const;

const contents = {
  counted: 'HTTP/1.1 200 OK\r\n\r\nwhole',
  chunked: 'who0\r\n\r\n0\r\n\r\nle',
  'behind interim ones': 'whole',
} as const;

const ends: Readonly<Record<string, (socket: Socket) => unknown>> = {
  'is ended': (socket) => socket.end(),
  'is reset': (socket) => socket.resetAndDestroy(),
};

type Kind = keyof typeof answers;
const kinds = Object.keys(answers) as Kind[];

describe.each(senders)('over %s, an answer', (_name, sender) => {
  async function startWith(talk: (socket: Socket, path: string) => void): Promise<Front> {
    const member = await startRawBackend((socket, head) => {
      socket.setNoDelay(true);
      talk(socket, head.split(' ')[1]!);
    });
    return startFront({ ...sender, members: [{ url: member.url, timeout: '20s' }] });
  }

  describe.each(Object.keys(ends))('whose connection %s', (how) => {
    test.each(kinds)('behind any of its bytes never looks whole: %s', async (kind) => {
      const bytes = answers[kind];
      const front = await startWith((socket, path) => {
        const at = Number(path.slice(1));
        // Once it has been taken.
        socket.write(bytes.slice(0, at), () => ends[how]!(socket));
        if (at === 0) ends[how]!(socket);
      });
      const fates: Record<string, number> = {};
      for (let from = 0; from < bytes.length; from += 16) {
        const ats = Array.from({ length: Math.min(16, bytes.length - from) }, (_, i) => from + i);
        const told = await Promise.all(ats.map((at) => askUncertain(front.port, `/${at}`)));
        for (const [i, one] of told.entries()) {
          const fate =
            one === undefined ? 'dropped' : one.code !== undefined ? 'refused' : one.whole ? 'whole' : 'cut';
          fates[fate] = (fates[fate] ?? 0) + 1;
          if (fate === 'refused') expect(one!.status).toBe(502);
          if (fate === 'cut') expect(contents[kind].startsWith(one!.text)).toBe(true);
          expect({ at: ats[i], fate }).not.toEqual({ at: ats[i], fate: 'whole' });
        }
      }
      expect(fates['refused']).toBeGreaterThan(20);
      await until(() => isIdle(front));
    });
  });

  test.each(kinds)('that comes a byte at a time is whole, for many clients at once: %s', async (kind) => {
    const bytes = answers[kind];
    const front = await startWith((socket, path) => {
      const mine = bytes.replace('who', path.slice(1));
      let at = 0;
      const writeNext = (): void => {
        if (socket.destroyed || at === mine.length) return;
        socket.write(mine[at]!, () => setImmediate(writeNext));
        at += 1;
      };
      writeNext();
    });
    const names = Array.from({ length: 40 }, (_, i) => String(100 + i));
    for (let round = 0; round < 2; round += 1) {
      const told = await Promise.all(
        names.map((name) => ask(front.port, { path: `/${name}`, method: 'POST' })),
      );
      expect(told.map(({ text, whole }) => [whole, text])).toEqual(
        names.map((name) => [true, contents[kind].replace('who', name)]),
      );
    }
  });
});

/** Undefined where the client's connection was ended before a head had come: what was cut right behind it may be lost with it. */
async function askUncertain(port: number, path: string): Promise<Told | undefined> {
  try {
    return await ask(port, { path, method: 'POST' });
  } catch {
    return undefined;
  }
}
