import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { BalancerError, createBalancer, DefinitionError, type BalancerDefinition } from '../../src/index.ts';
import { deadUrl, startBackend, startRawBackend } from '../support/backend.ts';
import { startFaulty } from '../support/faults.ts';
import { senders, startFront, type Front, type FrontOptions } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { RawClient } from '../support/raw-client.ts';
import { requestTarget, type Answered, type Wishes } from '../support/request-target.ts';

afterEach(tidyUp);

/** A way to make a balancer fail: what is defined, what is asked, and what is to be known of it. */
type Story = Readonly<{
  code: string;
  status: number;
  what: string;
  /** The members' URLs, or more of them. */
  members: () => Promise<BalancerDefinition['members']>;
  definition?: Partial<BalancerDefinition>;
  options?: FrontOptions;
  target?: string;
  wishes?: Wishes;
  /** Before it is asked. */
  prepare?: (front: Front) => Promise<unknown>;
  /** Outcomes of the attempts. */
  attempts?: readonly string[];
  /** `Retry-After`, or another field that the answer carries. */
  headers?: Readonly<Record<string, unknown>>;
}>;

const urlsOf = async (...members: readonly Promise<Readonly<{ url: string }>>[]): Promise<string[]> =>
  (await Promise.all(members)).map(({ url }) => url);

const soon = expect.stringMatching(/^(?:5\d|60)$/);

const stories: readonly Story[] = [
  {
    code: 'ERR_BALANCER_BAD_REQUEST',
    status: 400,
    what: 'a path that climbs',
    members: () => urlsOf(startBackend()),
    target: '/..%2fsecret',
  },
  {
    code: 'ERR_BALANCER_BAD_REQUEST',
    status: 400,
    what: 'a Host that is none',
    members: () => urlsOf(startBackend()),
    wishes: { headers: { Host: 'member@front.example' } },
  },
  {
    code: 'ERR_BALANCER_BAD_REQUEST',
    status: 400,
    what: 'Max-Forwards that is no number',
    members: () => urlsOf(startBackend()),
    wishes: { method: 'OPTIONS', headers: { 'Max-Forwards': 'many' } },
  },
  {
    code: 'ERR_BALANCER_UNSUPPORTED_CODING',
    status: 501,
    what: 'a coded body',
    members: () => urlsOf(startBackend()),
    wishes: { method: 'POST', headers: { 'Transfer-Encoding': 'gzip, chunked' } },
  },
  {
    code: 'ERR_BALANCER_LOOP',
    status: 508,
    what: 'a member that leads back here',
    members: () => urlsOf(startBackend('loop', (req, res) => res.setHeader('Via', req.headers.via!).end())),
    definition: { name: 'looping', proxyvia: 'On' },
    // The first request shows what the second one would bring along.
    prepare: async (front) => {
      const { headers } = await requestTarget(front.port, '/');
      front.app.set('via', headers.via);
    },
  },
  {
    code: 'ERR_BALANCER_BODY_CONSUMED',
    status: 500,
    what: 'a body that somebody has thrown away',
    members: () => urlsOf(startBackend()),
    options: {
      before: (app) =>
        app.use((req, _res, next) => {
          req.resume().once('end', next);
        }),
    },
    wishes: { method: 'POST', body: 'gone', headers: { 'Content-Type': 'multipart/form-data; boundary=x' } },
  },
  {
    code: 'ERR_BALANCER_NO_MEMBER',
    status: 503,
    what: 'nobody in service',
    members: async () => [{ url: await deadUrl(), status: 'D' }],
    attempts: [],
  },
  {
    code: 'ERR_BALANCER_NO_MEMBER',
    status: 503,
    what: 'everybody in error, and no forced recovery',
    members: async () => [await deadUrl()],
    definition: { forcerecovery: false },
    prepare: (front) => requestTarget(front.port, '/'),
    attempts: [],
    headers: { 'retry-after': soon },
  },
  {
    code: 'ERR_BALANCER_NO_FAILOVER',
    status: 503,
    what: 'a session whose member is stopped',
    members: async () => [
      { url: await deadUrl(), route: 'a', status: 'S' },
      ...(await urlsOf(startBackend())),
    ],
    definition: { stickysession: 'SID', nofailover: true },
    wishes: { headers: { Cookie: 'SID=x.a' } },
    attempts: [],
  },
  {
    code: 'ERR_BALANCER_OVERLOAD',
    status: 503,
    what: 'a member that serves its max, and nobody may wait',
    members: async () => {
      // It is never through with its answer.
      const busy = await startBackend('busy', (_req, res) => res.write('and so on'));
      return [{ url: busy.url, max: 1 }];
    },
    definition: { queueLength: 0 },
    prepare: async (front) => {
      const client = await RawClient.connect(front.port);
      return client.send(['GET / HTTP/1.1', 'Host: front']).readHead();
    },
    attempts: [],
    headers: { 'retry-after': '1' },
  },
  {
    code: 'ERR_BALANCER_LBMETHOD',
    status: 500,
    what: 'a method that throws',
    members: () => urlsOf(startBackend()),
    definition: {
      lbmethod: () => {
        throw new Error('no idea');
      },
    },
    attempts: [],
  },
  {
    code: 'ERR_BALANCER_CONNECT',
    status: 503,
    what: 'members that refuse',
    members: async () => [await deadUrl(), await deadUrl()],
    attempts: ['connect', 'connect'],
    headers: { 'retry-after': soon },
  },
  {
    code: 'ERR_BALANCER_CONNECT_TIMEOUT',
    status: 504,
    what: 'a member that says nothing to TLS',
    members: async () =>
      (await urlsOf(startRawBackend(() => undefined))).map((url) => url.replace('http:', 'https:')),
    definition: { memberDefaults: { connectiontimeout: '100ms' } },
    attempts: ['connect-timeout'],
  },
  {
    code: 'ERR_BALANCER_TIMEOUT',
    status: 504,
    what: 'a member that stays silent',
    members: () => urlsOf(startFaulty('stays silent')),
    definition: { memberDefaults: { timeout: '100ms', connectiontimeout: '20s' } },
    attempts: ['timeout'],
  },
  {
    code: 'ERR_BALANCER_DEADLINE',
    status: 504,
    what: 'a member that takes too long for all',
    members: () => urlsOf(startFaulty('stays silent')),
    definition: { deadline: '100ms' },
    attempts: ['deadline'],
  },
  {
    code: 'ERR_BALANCER_RESET',
    status: 502,
    what: 'a member that resets',
    members: () => urlsOf(startFaulty('resets the connection')),
    attempts: ['reset'],
  },
  {
    code: 'ERR_BALANCER_BAD_ANSWER',
    status: 502,
    what: 'a member that speaks something else',
    members: () => urlsOf(startFaulty('answers garbage')),
    attempts: ['bad-answer'],
  },
  {
    code: 'ERR_BALANCER_MEMBER_STATUS',
    status: 401,
    what: 'an answer that is for the app’s error pages',
    members: () =>
      urlsOf(
        startBackend('strict', (_req, res) => {
          res
            .setHeader('WWW-Authenticate', 'Basic realm="x"')
            .setHeader('X-Else', 'y')
            .setHeader('Set-Cookie', 'a=1');
          res.writeHead(401).end('not shown');
        }),
      ),
    definition: { proxyerroroverride: true },
    attempts: ['answered'],
    headers: { 'www-authenticate': 'Basic realm="x"', 'set-cookie': ['a=1'], 'x-else': undefined },
  },
  {
    code: 'ERR_BALANCER_MEMBER_STATUS',
    status: 503,
    what: 'an answer that says when to come again',
    members: () =>
      urlsOf(
        startBackend('busy', (_req, res) => {
          res.writeHead(503, { 'Retry-After': '7' }).end();
        }),
      ),
    definition: { proxyerroroverride: [503] },
    attempts: ['answered'],
    headers: { 'retry-after': '7' },
  },
  {
    code: 'ERR_BALANCER_CLOSED',
    status: 503,
    what: 'a balancer that is closed',
    members: () => urlsOf(startBackend()),
    prepare: (front) => front.balancer.close(),
  },
];

describe.each(senders)('errors over %s', (_name, sender) => {
  async function play(story: Story): Promise<Readonly<{ front: Front; answer: Answered }>> {
    const { members, definition, prepare, target = '/', wishes = {} } = story;
    const front = await startFront(
      { ...sender, name: 'test', ...definition, members: await members() },
      story.options,
    );
    await prepare?.(front);
    front.errors.splice(0);
    const via = front.app.get('via') as string | undefined;
    const headers = { ...wishes.headers, ...(via === undefined ? {} : { Via: via }) };
    return { front, answer: await requestTarget(front.port, target, { ...wishes, headers }) };
  }

  test.each(stories)('$code for $what', async (story) => {
    const { code, status, definition, attempts = [], headers = {} } = story;
    const { front, answer } = await play(story);
    expect(answer.status).toBe(status);
    for (const [name, value] of Object.entries(headers)) expect(answer.headers[name]).toEqual(value);

    expect(front.errors).toHaveLength(1);
    const [error] = front.errors;
    expect(error).toBeInstanceOf(BalancerError);
    expect(error).toMatchObject({
      name: 'BalancerError',
      code,
      status,
      statusCode: status,
      expose: status < 500,
      balancer: definition?.name ?? 'test',
    });
    expect(error!.attempts.map(({ outcome }) => outcome)).toEqual(attempts);
    expect(error!.member).toBe(error!.attempts.at(-1)?.member);
    const said = Object.keys(headers).filter((name) => headers[name] !== undefined);
    expect(
      Object.keys(error!.headers)
        .map((name) => name.toLowerCase())
        .toSorted(),
    ).toEqual(said.toSorted());
  });

  test('an error of the network is the cause, with its code', async () => {
    const front = await startFront({ ...sender, members: [await deadUrl()] });
    await requestTarget(front.port, '/');
    expect(front.errors).toMatchObject([
      { cause: { code: 'ECONNREFUSED' }, attempts: [{ code: 'ECONNREFUSED' }] },
    ]);
  });

  test('what breaks off in mid-answer can only be logged: the connection of the client is cut', async () => {
    const backend = await startBackend('half', (_req, res) => {
      res.writeHead(200, { 'Content-Length': '100' });
      res.write('half', () => res.destroy());
    });
    const warnings: unknown[] = [];
    const nothing = (): void => undefined;
    const logger = { info: nothing, error: nothing, warn: (text: unknown) => warnings.push(text) };
    const front = await startFront({ ...sender, name: 'test', logger, members: [backend.url] });
    await expect(requestTarget(front.port, '/')).rejects.toThrow('aborted');
    expect(warnings).toEqual([expect.stringContaining(`[test] ${backend.url}`)]);
    expect(front.errors).toEqual([]);
  });

  test('is told beside req.balancer, with the same attempts', async () => {
    const told: unknown[] = [];
    const front = await startFront(
      { ...sender, name: 'test', members: [await deadUrl()] },
      {
        before: (app) =>
          app.use((req, res, next) => {
            res.once('finish', () => told.push(req.balancer));
            next();
          }),
      },
    );
    await requestTarget(front.port, '/');
    const [error] = front.errors;
    expect(told).toMatchObject([{ name: 'test', member: error!.member, attempts: [{ outcome: 'connect' }] }]);
    expect(error!.attempts).toHaveLength(1);
  });
});

test('every code has a story here', async () => {
  const source = await readFile(new URL('../../src/errors.ts', import.meta.url), 'utf8');
  const codes = new Set(source.match(/ERR_BALANCER_\w+/g));
  expect(codes.size).toBeGreaterThan(10);
  // No answer can tell of it: its story is in hosts.test.ts.
  codes.delete('ERR_BALANCER_ANSWERED');
  expect(new Set(stories.map(({ code }) => code))).toEqual(codes);
});

test('a wrong definition is a DefinitionError, with a code and all that is wrong', () => {
  const wrong = { members: [], nofailover: 'yes', stickysesion: 'SID' } as unknown as BalancerDefinition;
  let error: unknown;
  try {
    createBalancer(wrong);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(DefinitionError);
  expect(error).toMatchObject({ name: 'DefinitionError', code: 'ERR_BALANCER_DEFINITION' });
  const { problems, message } = error as DefinitionError;
  expect(problems.map(({ path }) => path).toSorted()).toEqual(['members', 'nofailover', 'stickysesion']);
  expect(message).toContain('stickysession');
});
