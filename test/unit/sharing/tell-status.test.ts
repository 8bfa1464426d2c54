import { describe, expect, jest, test } from '@jest/globals';
import type { HubStatus } from '../../../src/sharing/hub.ts';
import { createStatusTeller } from '../../../src/sharing/tell-status.ts';

const joining: HubStatus = { kind: 'joining', since: 0 };
const shared: HubStatus = { kind: 'shared', since: 0, processes: 3 };
const more: HubStatus = { kind: 'shared', since: 0, processes: 4 };
const closed: HubStatus = { kind: 'closed', since: 0 };
const alone = (why: string): HubStatus => ({ kind: 'alone', since: 0, why });
const refused = (why: string): HubStatus => ({ kind: 'refused', since: 0, why });

/** What the log says of these. */
function tell(...statuses: readonly HubStatus[]): readonly string[] {
  const lines: string[] = [];
  const to = (level: string) => jest.fn((text: string) => lines.push(`${level}: ${text}`));
  const change = createStatusTeller({ info: to('info'), warn: to('warn'), error: to('error') });
  for (const status of statuses) change(status);
  return lines;
}

describe('the log', () => {
  test.each<[what: string, statuses: readonly HubStatus[], lines: readonly RegExp[]]>([
    ['is silent when everything goes well', [joining, shared, more, closed], []],
    [
      'tells once that a process is alone, and why, whatever else fails meanwhile',
      [joining, alone('ECONNREFUSED'), alone('timed out'), alone('ECONNREFUSED')],
      [/^warn: .*goes on with what it knows: ECONNREFUSED$/],
    ],
    [
      'tells that it shares again',
      [shared, alone('cut'), shared, more],
      [/^warn: .*goes on with what it knows: cut$/, /^info: .*shared again.* 3 processes.*cut/],
    ],
    [
      'tells it each time',
      [alone('a'), shared, alone('b'), shared],
      [/^warn: .*a$/, /^info: /, /^warn: .*b$/, /^info: /],
    ],
    ['tells of a refusal', [joining, refused('format 2')], [/^error: .*nothing is shared: format 2$/]],
    ['says nothing of a process that was alone and is closed', [alone('a'), closed], [/^warn: /]],
    ['shows the reason on one line', [alone('a\n[error] \u202eforged')], [/^warn: .*: a\[error\] forged$/]],
    ['does not show a reason without end', [alone('x'.repeat(10_000))], [/^.{1,300}$/]],
  ])('%s', (_what, statuses, lines) => {
    const told = tell(...statuses);
    expect(told).toHaveLength(lines.length);
    for (const [i, line] of lines.entries()) expect(told[i]).toMatch(line);
  });
});
