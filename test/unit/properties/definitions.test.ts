import { validateHeaderValue, type IncomingMessage } from 'node:http';
import fc from 'fast-check';
import { describe, expect, test } from '@jest/globals';
import { buildSettings } from '../../../src/definition/build-settings.ts';
import { readDefinition } from '../../../src/definition/check-definition.ts';
import type { BalancerDefinition } from '../../../src/definition/definition.ts';
import { parseDuration, toMilliseconds, type DurationRule } from '../../../src/definition/duration.ts';
import type { MemberSettings } from '../../../src/definition/settings.ts';
import { DefinitionError, isFault } from '../../../src/definition/problem.ts';
import { readChange } from '../../../src/definition/read-change.ts';
import { readMember } from '../../../src/definition/read-member.ts';
import { writeMember } from '../../../src/definition/write-member.ts';
import { parseStatus } from '../../../src/member/status.ts';
import { createBalancer, type Balancer } from '../../../src/index.ts';
import { createRewriter } from '../../../src/rewrite/rewriter.ts';
import { hold, holdAsync } from '../../support/runs.ts';
import { createInbound } from '../rewrite/support.ts';
import { anyChange, anyConfiguration, anyDefinition } from './any-definition.ts';

/** What comes of it, or undefined where it was refused as it should be. */
function attempt<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch (error) {
    expectRefusal(error);
    return undefined;
  }
}

function expectRefusal(error: unknown): void {
  if (!(error instanceof DefinitionError)) throw error;
  expect(error.problems.length).toBeGreaterThan(0);
  for (const { path, given, problem, advice } of error.problems) {
    for (const text of [path, given, problem, advice]) {
      expect(text).toMatch(/\S/);
      expect(text).not.toMatch(/[^\P{Cc}\t]|\p{Cs}|\u202e/u);
      expect(text).not.toContain('[object');
    }
  }
}

/** Would look for servers, or open connections. */
function isQuiet(definition: BalancerDefinition): boolean {
  const text = JSON.stringify(definition, (_key, value: unknown) => (typeof value === 'bigint' ? 0 : value));
  return !/"(?:resolve|hcmethod|warmUp|state|handler)":/.test(text);
}

const host = { hostname: 'front', instance: '1a2b' };

describe('any definition', () => {
  test('is accepted or refused with all that is wrong; what is accepted can be made, looked at and closed', async () => {
    let accepted = 0;
    await holdAsync(
      700,
      fc.asyncProperty(anyDefinition, async (value) => {
        const definition = attempt(() => readDefinition(value));
        if (!definition) {
          const refused = (): unknown => createBalancer(value as BalancerDefinition);
          expect(refused).toThrow(DefinitionError);
          return;
        }
        accepted += 1;
        buildSettings(definition, host);
        if (!isQuiet(definition)) return;
        const balancer: Balancer = createBalancer({ ...definition, logger: false });
        expect(balancer.view().length).toBeGreaterThan(0);
        JSON.stringify(balancer.view());
        await balancer.close();
      }),
    );
    expect(accepted).toBeGreaterThan(150);
  });

  test('that is accepted writes answers that Node accepts, its own cookie among them', () => {
    const answer = {
      status: 302,
      reason: 'Found',
      headers: ['Location', '/a', 'Set-Cookie', 'a=b; Path=/; Domain=127.0.0.1'],
    };
    hold(
      700,
      fc.property(anyDefinition, (value) => {
        const definition = attempt(() => readDefinition(value));
        if (!definition) return;
        const settings = buildSettings(definition, host);
        const { rewriteAnswer, rewriteRequest } = createRewriter(settings, 'front');
        for (const member of settings.members) {
          const inbound = createInbound({ mountPath: '/m' });
          const reply = rewriteAnswer(answer, inbound, member, undefined);
          const outbound = rewriteRequest(inbound, member, { kind: 'none', counted: false });
          for (const { headers } of [reply, outbound]) {
            for (let i = 0; i < headers.length; i += 2) validateHeaderValue(headers[i]!, headers[i + 1]!);
          }
        }
      }),
    );
  });

  test('that was accepted is accepted again, as it was read', () => {
    hold(
      500,
      fc.property(anyDefinition, (value) => {
        const definition = attempt(() => readDefinition(value));
        if (definition) expect(readDefinition(definition)).toEqual(definition);
      }),
    );
  });
});

describe('any change', () => {
  const definition = {
    members: [
      { url: 'http://127.0.0.1:1', route: 'a', redirect: 'b' },
      { url: 'http://127.0.0.1:2', route: 'b', loadfactor: 3, hcmethod: 'GET' as const },
    ],
    stickysession: 'sid',
  };
  const { members } = buildSettings(definition, host);
  const [first] = members;

  /** What it is called, its first flags and what it was built from stay with it. */
  const tell = (settings: MemberSettings): unknown =>
    JSON.parse(
      JSON.stringify({ ...settings, name: undefined, status: undefined, definition: undefined }),
    ) as unknown;

  test('of a member is done or refused; done, its definition says the same', () => {
    let done = 0;
    hold(
      1_000,
      fc.property(
        anyChange,
        fc.constantFrom('', 'D', 'S', 'N', 'I', 'H', 'R', 'DN', 'SI'),
        (value, letters) => {
          const flags = parseStatus(letters);
          const read = attempt(() => readChange(value, first!, members, flags));
          if (!read) return;
          done += 1;
          const status = read.status ?? flags;
          const written = writeMember(read.settings, status);
          const again = readMember(written, { definition, members: members.slice(1) });
          expect(tell(again)).toEqual(tell(read.settings));
        },
      ),
    );
    expect(done).toBeGreaterThan(100);
  });

  test('of a balancer, at work, is done or refused, and leaves it whole', async () => {
    const quiet = {
      ...definition,
      members: [{ url: 'http://127.0.0.1:1', route: 'a' }, 'http://127.0.0.1:2'],
    };
    const balancer: Balancer = createBalancer({ ...quiet, logger: false });
    const request = {
      url: '/',
      method: 'GET',
      headers: {},
      rawHeaders: [],
      socket: {},
    } as unknown as IncomingMessage;
    let done = 0;
    hold(
      400,
      fc.property(anyConfiguration, (value) => {
        attempt(() => {
          balancer.configure(value as Parameters<Balancer['configure']>[0]);
          done += 1;
        });
        expect(balancer.view().map(({ name }) => name)).toEqual(['a', 'http://127.0.0.1:2']);
        expect(balancer.explain(request).text).toMatch(/\S/);
      }),
    );
    expect(done).toBeGreaterThan(20);
    await balancer.close();
  });
});

describe('durations', () => {
  const anyRule: fc.Arbitrary<DurationRule> = fc.record({
    unit: fc.constantFrom('s', 'ms'),
    zero: fc.constantFrom<DurationRule['zero']>('allowed', { instead: 'leave it out' }),
  });
  const anyText = fc.oneof(
    fc
      .tuple(
        fc.double({ min: 0, max: 1e7, noNaN: true }),
        fc.constantFrom('ms', 's', 'm', 'h', 'd', ' min', 'sec', '', ' weeks', 'H'),
      )
      .map(([amount, unit]) => `${amount < 1e-6 ? 0 : amount}${unit}`),
    fc
      .tuple(fc.nat(100_000), fc.constantFrom('ms', 's', 'm', 'h', ' days', 'minutes', ''))
      .map((parts) => parts.join('')),
    fc.string(),
  );

  test('are read as they are written, to the millisecond', () => {
    hold(
      500,
      fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), (ms) => {
        expect(toMilliseconds(`${ms}ms`)).toBe(ms);
        expect(toMilliseconds(`${ms / 1_000}s`)).toBe(ms);
        if (ms <= 3_600_000) expect(toMilliseconds(ms / 1_000)).toBe(ms);
      }),
    );
  });

  test('that are refused come with advice that is not', () => {
    let advised = 0;
    hold(
      2_000,
      fc.property(fc.oneof(anyText, fc.double(), fc.anything({ maxDepth: 1 })), anyRule, (value, rule) => {
        const read = parseDuration(value, rule);
        if (!isFault(read)) {
          expect(Number.isInteger(read) && read >= 0 && read < 2 ** 31).toBe(true);
          return;
        }
        for (const [, text] of read.advice.matchAll(/'([^']+)'/g)) {
          advised += 1;
          expect([text, typeof parseDuration(text, rule)]).toEqual([text, 'number']);
        }
      }),
    );
    expect(advised).toBeGreaterThan(100);
  });
});
