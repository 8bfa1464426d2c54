import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { senders } from '../../support/front.ts';
import {
  answers,
  drip,
  progressOf,
  startDeaf,
  startHasty,
  startLate,
  startRefusing,
  type FaultCase,
} from '../support/cases/faulty-member.ts';
import { requestCases } from '../support/cases/requests.ts';
import { promises } from '../support/cases/rule.ts';
import { findWrong, runRow } from '../support/cases/run.ts';
import { noteWhatIsThere, nothingIsLeft } from '../support/leftovers.ts';

beforeEach(noteWhatIsThere);
afterEach(nothingIsLeft);

const RESET = 'ERR_BALANCER_RESET';
const TIMEOUT = 'ERR_BALANCER_TIMEOUT';
const BAD_ANSWER = 'ERR_BALANCER_BAD_ANSWER';
const tooLarge = `HTTP/1.1 200 OK\r\nX-Member: a\r\nConnection: close\r\nContent-Length: 10\r\n\r\n`;

/** Each with GET, PUT and POST, counted and chunked, small and large: see `requests.ts`; and what is to come of it: `rule.ts`. */
const connections: readonly FaultCase[] = [
  {
    does: 'refuses connections',
    progress: 'unsent',
    code: 'ERR_BALANCER_CONNECT',
    start: startRefusing,
  },
  {
    does: 'accepts a connection and closes it at once',
    progress: 'unsure',
    code: RESET,
    start: () => startDeaf((socket) => socket.destroy()),
  },
  {
    does: 'accepts a connection and ends it at once, without closing it',
    progress: 'unsure',
    code: RESET,
    start: () => startDeaf((socket) => socket.end()),
  },
  {
    does: 'accepts a connection and resets it at once',
    progress: 'unsure',
    code: RESET,
    start: () => startDeaf((socket) => socket.resetAndDestroy()),
  },
  {
    does: 'accepts a connection, reads nothing and says nothing',
    progress: 'sent',
    code: TIMEOUT,
    isSilent: true,
    start: () => startDeaf(() => undefined),
  },
];

const uploads: readonly FaultCase[] = [
  {
    does: 'closes before it has read a body',
    progress: 'sent',
    code: RESET,
    start: () => startHasty((socket) => socket.destroy()),
  },
  {
    does: 'resets before it has read a body',
    progress: 'sent',
    code: RESET,
    start: () => startHasty((socket) => socket.resetAndDestroy()),
  },
  {
    does: 'stops reading in the middle of a body',
    progress: 'sent',
    code: TIMEOUT,
    isSilent: true,
    start: () => startHasty((socket) => socket.pause()),
  },
  {
    does: 'answers before it has read a body, and reads on',
    progress: 'answered',
    code: RESET,
    start: () => startHasty((socket) => socket.write(answers.counted), true),
  },
  {
    does: 'answers before it has read a body, and neither reads on nor closes',
    progress: 'answered',
    code: RESET,
    start: () => startHasty((socket) => socket.pause().write(answers.counted)),
  },
  {
    does: 'answers before it has read a body, and closes',
    progress: 'answered',
    code: RESET,
    start: () =>
      startHasty((socket) => {
        socket.pause().write(`${tooLarge}0123456789`, () => socket.destroy());
      }),
  },
  {
    does: 'answers before it has read a body, and resets',
    progress: 'answered',
    code: RESET,
    start: () =>
      startHasty((socket) => {
        socket.pause().write(`${tooLarge}0123456789`, () => socket.resetAndDestroy());
      }),
  },
  {
    does: 'gives half an answer before it has read a body, and closes',
    progress: 'begun',
    code: RESET,
    start: () =>
      startHasty((socket) => {
        socket.pause().write(`${tooLarge}01234`, () => socket.destroy());
      }),
  },
];

const garbage = [
  ['answers with another protocol', '220 mail.example ESMTP\r\n\r\n'],
  ['answers with binary garbage', '\x15\x03\x01\x00\x02\x02\x46\r\n\r\n'],
  ['answers in HTTP/0.9', '<html>\r\n\r\n</html>'],
] as const;

const heads: readonly FaultCase[] = [
  {
    does: 'hangs before its head',
    progress: 'read',
    code: TIMEOUT,
    isSilent: true,
    start: () => startLate(() => undefined),
  },
  {
    does: 'hangs inside its head',
    progress: 'read',
    code: TIMEOUT,
    isSilent: true,
    start: () => startLate((socket) => socket.write(answers.counted.slice(0, 30))),
  },
  {
    does: 'hangs after its head',
    progress: 'begun',
    code: TIMEOUT,
    isSilent: true,
    start: () => startLate((socket) => socket.write(answers.counted.slice(0, -10))),
  },
  {
    does: 'hangs inside its body',
    progress: 'begun',
    code: TIMEOUT,
    isSilent: true,
    start: () => startLate((socket) => socket.write(answers.chunked.slice(0, -7))),
  },
  ...(['counted', 'chunked'] as const).map((framing): FaultCase => ({
    does: `drips a ${framing} answer, a byte at a time`,
    progress: 'answered',
    code: RESET,
    start: () =>
      startLate((socket) => {
        drip(socket, answers[framing]);
      }),
  })),
  ...garbage.map(([does, text]): FaultCase => ({
    does,
    progress: 'read',
    code: BAD_ANSWER,
    start: () => startLate((socket) => socket.end(text, 'latin1')),
  })),
];

/** After how many bytes of an answer a connection ends: nothing, inside the head and its last byte, the first of the body … the last. */
const breaks = (['counted', 'chunked'] as const).flatMap((framing) => {
  const answer = answers[framing];
  const headBytes = answer.indexOf('\r\n\r\n') + 4;
  const places = [0, 1, 12, headBytes - 1, headBytes, headBytes + 1, answer.length - 1, answer.length];
  return places.flatMap((bytes) =>
    (['closes', 'resets'] as const).map((doing): FaultCase => ({
      does: `${doing} after ${bytes} of ${answer.length} bytes of a ${framing} answer`,
      progress: progressOf(answer, bytes),
      code: RESET,
      start: () =>
        startLate((socket) => {
          const end = (): unknown => (doing === 'closes' ? socket.destroy() : socket.resetAndDestroy());
          if (bytes === 0) end();
          else socket.write(answer.slice(0, bytes), end);
        }),
    })),
  );
});

const rows = [...connections, ...uploads, ...heads, ...breaks];

describe.each(senders)('over %s: a member that', (_name, sender) => {
  test.each(rows.map((fault) => ({ ...fault, promise: promises[fault.progress] })))(
    '$does: $promise',
    async (fault) => {
      expect(findWrong(fault, await runRow(fault, requestCases, sender))).toEqual([]);
    },
  );
});
