import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { senders } from '../../support/front.ts';
import { startExecutor } from '../support/cases/executor.ts';
import {
  answers,
  progressOf,
  startHasty,
  startLate,
  type FaultCase,
} from '../support/cases/faulty-member.ts';
import { cutForAWhile, startBehind } from '../support/cases/networks.ts';
import { requestCases } from '../support/cases/requests.ts';
import { promises } from '../support/cases/rule.ts';
import { findWrong, runRow } from '../support/cases/run.ts';
import { noteWhatIsThere, nothingIsLeft } from '../support/leftovers.ts';
import { stopLinks } from '../support/link.ts';

beforeEach(noteWhatIsThere);
afterEach(async () => {
  await stopLinks();
  await nothingIsLeft();
});

const RESET = 'ERR_BALANCER_RESET';
const startWell = () => startExecutor('a');

/** Each with the requests and the rule of `members.faults.ts`. */
const rows: readonly FaultCase[] = [
  {
    does: 'is slow',
    progress: 'answered',
    code: RESET,
    start: () => startBehind({ latencyMs: 10, bytesPerSecond: 20_000_000 }, startWell),
  },
  {
    does: 'loses a fifth of what it carries, and carries it later',
    progress: 'answered',
    code: RESET,
    start: () => startBehind({ lostPercent: 20, resentAfterMs: 40 }, startWell),
  },
  {
    does: 'is cut while a body is on its way, and mended',
    progress: 'answered',
    code: RESET,
    start: () =>
      startBehind({}, (link) =>
        startExecutor('a', (_req, res, whole) => {
          cutForAWhile(link());
          void whole.then((hash) => res.setHeader('X-Hash', hash).end());
        }),
      ),
  },
  {
    does: 'is cut while an answer is on its way, and mended',
    progress: 'answered',
    code: RESET,
    start: () =>
      startBehind({}, (link) =>
        startExecutor('a', (_req, res, whole) => {
          void whole.then((hash) => {
            res.setHeader('X-Hash', hash).write('half');
            cutForAWhile(link());
            res.end('whole');
          });
        }),
      ),
  },
  {
    does: 'is cut',
    progress: 'sent',
    code: 'ERR_BALANCER_TIMEOUT',
    isSilent: true,
    start: () => startBehind({ isCut: true }, startWell),
  },
  {
    does: 'is cut while a body is on its way',
    progress: 'sent',
    code: 'ERR_BALANCER_TIMEOUT',
    isSilent: true,
    start: () =>
      startBehind({}, (link) =>
        startHasty(() => {
          link().set({ isCut: true });
        }, true),
      ),
  },
  {
    does: 'resets each connection at once',
    progress: 'unsure',
    code: RESET,
    start: () => startBehind({ isRefusing: true }, startWell),
  },
  {
    does: 'resets a connection in the middle of a body',
    progress: 'sent',
    code: RESET,
    start: () =>
      startBehind({}, (link) =>
        startHasty(() => {
          link().resetAll();
        }, true),
      ),
  },
  ...[20, answers.counted.length - 5].map((bytes): FaultCase => ({
    does: `resets a connection after ${bytes} of ${answers.counted.length} bytes of an answer`,
    progress: progressOf(answers.counted, bytes),
    code: RESET,
    start: () =>
      startBehind({ resetAfterBytes: bytes }, () => startLate((socket) => socket.write(answers.counted))),
  })),
];

describe.each(senders)('over %s: a network to the member that', (_name, sender) => {
  test.each(rows.map((fault) => ({ ...fault, promise: promises[fault.progress] })))(
    '$does: $promise',
    async (fault) => {
      expect(findWrong(fault, await runRow(fault, requestCases, sender))).toEqual([]);
    },
  );
});
