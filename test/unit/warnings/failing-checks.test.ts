import { describe, expect, test } from '@jest/globals';
import { tellFailingChecks } from '../../../src/warnings/failing-checks.ts';
import { buildMember } from '../../support/build-members.ts';
import { buildHealth } from '../health/support.ts';

const open = { forcerecovery: true, holdMs: 0 };
const member = buildMember({ origin: 'http://a:3000' });

function tellOf(status: number, health = {}, settings = open): string {
  return tellFailingChecks(
    { member, health: buildHealth({ target: '/health', ...health }), status },
    settings,
  );
}

describe('the words about checks that are wrong', () => {
  test('say what was asked, what was answered, and what to write', () => {
    expect(tellOf(404)).toBe(
      "the health checks of all members fail alike, and none has passed yet: GET 'http://a:3000/health' has answered 404. " +
        'So the check is wrong, rather than every member, and while it is, all are tried as if none were checked. ' +
        "Write hcuri: '/…' for a path that answers with 2xx or 3xx, or hcexpect: [404] where that is a good answer; " +
        "or hcmethod: 'TCP' where a connection is enough",
    );
  });

  test.each([
    [200, {}, 'has answered 200, which hcexpect refuses. '],
    [200, {}, 'Write an hcexpect that this answer meets'],
    [401, {}, 'Write hcheaders that are let in; '],
    [405, { request: { method: 'HEAD', version: '1.0' } }, "Write hcmethod: 'GET'; "],
    [405, {}, "Write hcuri: '/…'"],
    [426, { request: { method: 'GET', version: '1.0' } }, "Write hcmethod: 'GET11' for HTTP/1.1; "],
    [400, { request: { method: 'OPTIONS', version: '1.1' }, target: '*' }, "OPTIONS 'http://a:3000 *'"],
  ])('fit %i %j: %s', (status, health, words) => {
    expect(tellOf(status, health)).toContain(words);
  });

  test('keep a query to themselves', () => {
    expect(tellOf(404, { target: '/health?token=hush' })).toContain("'http://a:3000/health?…'");
  });

  test.each([
    { forcerecovery: false, holdMs: 0 },
    { forcerecovery: true, holdMs: 1000 },
  ])('say that nobody serves: %j', (settings) => {
    expect(tellOf(404, {}, settings)).toContain('nobody serves');
  });
});
