import { describe, expect, test } from '@jest/globals';
import { DefinitionError } from '../../../../src/index.ts';
import { readQuestion } from '../../../../src/manager/survey/read-question.ts';
import { catchError } from '../../../support/catch-error.ts';

const problemsOf = (question: unknown): readonly string[] =>
  (catchError(() => readQuestion(question, undefined)) as DefinitionError).problems.map(
    ({ path, given, advice }) => `${path} ${given}: ${advice}`,
  );

describe('the question where a request would go', () => {
  test('needs a balancer and a path; the rest has defaults', () => {
    expect(readQuestion({ balancer: 'app', path: '/' }, 'manager.site')).toEqual({
      balancer: 'app',
      path: '/',
      method: 'GET',
      headers: [['Host', 'manager.site']],
      address: '127.0.0.1',
    });
  });

  test('may say everything of a request', () => {
    const headers = { host: 'shop.site', 'User-Agent': 'x', Cookie: 'old=1' };
    const question = {
      balancer: 'app',
      path: '/a?b',
      method: 'POST',
      cookie: 'S=1.a',
      headers,
      address: '::1',
    };
    expect(readQuestion(question, 'manager.site')).toEqual({
      balancer: 'app',
      path: '/a?b',
      method: 'POST',
      headers: [
        ['host', 'shop.site'],
        ['User-Agent', 'x'],
        ['Cookie', 'S=1.a'],
      ],
      address: '::1',
    });
  });

  test('takes what is empty for what is left out, as forms have it', () => {
    const question = { balancer: 'app', path: '/', cookie: '', method: '', headers: null, address: '' };
    expect(readQuestion(question, undefined).headers).toEqual([]);
  });

  test.each<[question: unknown, problems: readonly RegExp[]]>([
    [undefined, [/^question missing: write \{ "balancer"/]],
    ['app', [/^question 'app'/]],
    [[], [/^question/]],
    [{}, [/^balancer missing/, /^path missing/]],
    [{ balancer: 1, path: 'shop' }, [/^balancer 1/, /^path 'shop'/]],
    [{ balancer: 'a', path: `/${'x'.repeat(2_000)}` }, [/^path .*: write fewer$/]],
    [{ balancer: 'a', path: '/a\r\nHost: b' }, [/^path/]],
    [{ balancer: 'a', path: '/', method: 'get' }, [/^method 'get': write 'GET'$/]],
    [{ balancer: 'a', path: '/', method: 'CONNECT' }, [/^method 'CONNECT'/]],
    [{ balancer: 'a', path: '/', address: 'localhost' }, [/^address 'localhost'/]],
    [{ balancer: 'a', path: '/', cookie: 'a=1\r\nX: y' }, [/^cookie a string/]],
    [{ balancer: 'a', path: '/', cookie: { a: 1 } }, [/^cookie an object: write it in quotes$/]],
    [{ balancer: 'a', path: '/', headers: 'X: y' }, [/^headers 'X: y'/]],
    [
      { balancer: 'a', path: '/', headers: { 'X Y': 'z', Z: 'a\0b', W: 1 } },
      [/^headers\['X Y'\] a string/, /^headers\.Z a string/, /^headers\.W a number/],
    ],
    [
      { balancer: 'a', path: '/', headers: { X: 'y'.repeat(9_000), Y: 'z'.repeat(9_000) } },
      [/^headers an object: write at most/],
    ],
    [
      {
        balancer: 'a',
        path: '/',
        headers: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`X-${i}`, 'y'])),
      },
      [/^headers an object/],
    ],
    [
      { balancer: 'a', path: '/', cookies: 'a=1', x: 1 },
      [/^cookies 'a=1': write cookie$/, /^x 1: leave it out$/],
    ],
  ])('%j is told what is wrong with it', (question, problems) => {
    expect(problemsOf(question)).toEqual(problems.map((problem) => expect.stringMatching(problem)));
  });

  test('shows nothing of a cookie or of credentials that are wrong', () => {
    const headers = { Authorization: 'Bearer t0ken\n' };
    const problems = problemsOf({ balancer: 'a', path: '/', cookie: 'S=s3cret\n', headers }).join();
    expect(problems).not.toMatch(/t0ken|s3cret/);
  });
});
