import { afterEach, describe, expect, test } from '@jest/globals';
import { createBalancer, type Balancer } from '../../../src/index.ts';
import { DefinitionError, printProblem } from '../../../src/definition/problem.ts';
import { readManagerOptions } from '../../../src/manager/read-options.ts';
import { catchError } from '../../support/catch-error.ts';

const authorize = 'loopback-only';
const made: Balancer[] = [];

function make(name: string): Balancer {
  const balancer: Balancer = createBalancer({ name, logger: false, members: ['http://127.0.0.1:9/'] });
  made.push(balancer);
  return balancer;
}

afterEach(async () => {
  await Promise.all(made.splice(0).map((balancer) => balancer.close()));
});

/** The lines of what is wrong. */
function linesOf(options: unknown): readonly string[] {
  const error = catchError(() => readManagerOptions(options));
  if (!(error instanceof DefinitionError)) throw error;
  return error.problems.map(printProblem);
}

describe('without authorize there is no manager', () => {
  test('and the error says how: a session, a package, this machine', () => {
    const { message } = catchError(() => readManagerOptions({})) as Error;
    expect(message).toMatch(/^What the manager is created from is wrong:\n {2}authorize is missing: /);
    expect(message).toContain('authorize: (req) => req.session.user?.isOperator && req.session.user.name');
    expect(message).toContain("import auth from 'basic-auth'");
    expect(message).toContain('{ challenge: \'Basic realm="balancers"\' }');
    expect(message).toContain("authorize: 'loopback-only'");
  });

  test.each([true, false, null, 'ann', {}, [], 1])('%p is none', (value) => {
    expect(linesOf({ authorize: value })).toEqual([expect.stringContaining('authorize')]);
  });

  test.each(['localhost', 'loopback', 'loopbackOnly', 'local'])('%j is a slip', (value) => {
    expect(linesOf({ authorize: value })).toEqual([
      `authorize is '${value}': there is no such value; write 'loopback-only'`,
    ]);
  });
});

describe('every fault is told at once', () => {
  test('with the right spelling', () => {
    expect(
      linesOf({
        authorise: () => true,
        titel: 'x',
        allowedHosts: ['a'],
        sekret: 'hush-hush-hush-hush',
        x: 1,
      }),
    ).toEqual([
      'authorise is a function: there is no such option; write authorize',
      "titel is 'x': there is no such option; write title",
      "allowedHosts is ['a']: there is no such option; write hosts",
      'sekret is a string: there is no such option; write secret',
      'x is 1: there is no such option; leave it out',
    ]);
  });

  test.each([
    [{ hosts: 'ops.example' }, "hosts is 'ops.example': it must be a list of hosts; write ['ops.example']"],
    [{ hosts: [] }, 'hosts is []: nobody could reach the manager; leave it out for any host'],
    [
      { hosts: ['https://ops.example/x'] },
      "hosts[0] is 'https://ops.example/x': it is a URL, and a host decides; write 'ops.example'",
    ],
    [{ hosts: ['*.example'] }, "hosts[0] is '*.example': a host is named in full; write each of them"],
    [{ hosts: ['::1'] }, "hosts[0] is '::1': an IPv6 address as a host is in brackets; write '[::1]'"],
    [
      { hosts: ['a', 1] },
      "hosts[1] is 1: it is no host; write names such as ['ops.example.com', 'localhost:8080']",
    ],
    [
      { secret: 'short' },
      'secret is a string: it is too short; write 16 characters or more that nobody can guess, the same in each process, or leave it out',
    ],
    [{ onChange: 'x' }, "onChange is 'x': it must be a function; write (change, inForce) => store(inForce)"],
    [
      { title: '' },
      "title is '': it must be a heading, and is empty; leave it out, or write a text such as 'Balancers of the shop'",
    ],
    [
      { logger: {} },
      'logger is an object: it has no info and no warn and no error; write console, an object with info, warn and error, or false',
    ],
    [
      { allowMembers: '*.internal' },
      "allowMembers is '*.internal': it must be a list of hosts, or a function; write ['*.internal']",
    ],
  ])('%j', (options, line) => {
    expect(linesOf({ authorize, ...options })).toEqual([line]);
  });

  test.each([undefined, null, 'x', [], () => true])('%p are no options', (options) => {
    expect(linesOf(options)).toEqual([expect.stringContaining('it must be a record of options')]);
  });

  test('an option that throws is unreadable, not a crash', () => {
    const options = {
      authorize,
      get hosts(): string[] {
        throw new Error('no');
      },
    };
    expect(linesOf(options)).toEqual([expect.stringMatching(/^hosts is unreadable/)]);
  });
});

describe('balancers', () => {
  test('are what createBalancer made, each once', () => {
    const one = make('one');
    expect(linesOf({ authorize, balancers: one })).toEqual([
      expect.stringMatching(/it must be a list; write \[balancer\]$/),
    ]);
    expect(linesOf({ authorize, balancers: [one, {}, () => undefined, null, one] })).toEqual([
      expect.stringMatching(/^balancers\[1\] .*it is no balancer/),
      expect.stringMatching(/^balancers\[2\] .*it is no balancer/),
      expect.stringMatching(/^balancers\[3\] .*it is no balancer/),
      expect.stringMatching(/^balancers\[4\] .*it is balancers\[0\] again; write it once$/),
    ]);
  });

  test('are by themselves all that live', () => {
    const { balancers, isOpen } = readManagerOptions({ authorize });
    const one = make('one');
    expect(isOpen).toBe(true);
    expect(balancers()).toEqual([one]);
  });

  test('that are named stay these, whatever becomes of the list', () => {
    const list = [make('one')];
    const { balancers, isOpen } = readManagerOptions({ authorize, balancers: list });
    make('two');
    list.pop();
    expect(isOpen).toBe(false);
    expect(balancers()).toHaveLength(1);
  });
});

describe('hosts', () => {
  test('are any where authorize decides, and this machine’s where the machine does', () => {
    expect(readManagerOptions({ authorize: () => true }).hosts).toEqual({ kind: 'any' });
    expect(readManagerOptions({ authorize }).hosts).toEqual({ kind: 'this-machine' });
  });

  test('that are named are compared in one form', () => {
    expect(readManagerOptions({ authorize, hosts: ['Ops.Example.:8080', '[0::1]'] }).hosts).toEqual({
      kind: 'named',
      hosts: [
        { name: 'ops.example', port: 8080 },
        { name: '[::1]', port: undefined },
      ],
    });
  });
});
