import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ask, hashOf, makeBody, type Asked } from '../../support/ask.ts';
import { senders } from '../../support/front.ts';
import { createRandom } from '../../support/seeded-random.ts';
import { startToldFront } from '../../support/stories.ts';
import { startExecutor } from '../support/cases/executor.ts';
import { noteWhatIsThere, nothingIsLeft } from '../support/leftovers.ts';

beforeEach(noteWhatIsThere);
afterEach(nothingIsLeft);

const body = makeBody(1_000);
const requests: readonly Asked[] = [
  { method: 'GET' },
  { method: 'PUT', body },
  { method: 'PUT', body, chunked: true },
  { method: 'POST' },
  { method: 'POST', body },
  { method: 'POST', body, chunked: true },
];

const endings = [
  ['closes', (socket: Socket) => socket.destroy()],
  ['ends', (socket: Socket) => socket.end()],
  ['resets', (socket: Socket) => socket.resetAndDestroy()],
] as const;

/**
 * When a connection ends: while the app still has the request, or so many turns of the loop after a client has begun to ask.
 * After the last of them it is with its member.
 */
const moments = ['in the app', 0, 1, 2, 3, 4, 5, 6, 7, 8] as const;
type Moment = (typeof moments)[number];

/** What became of one request, and how often it was executed. */
type Raced = Readonly<{
  what: string;
  method: string;
  moment: Moment;
  status: number;
  executions: number;
  story: string;
}>;

/** Has a member end its idle connection at each moment of a request. */
async function race(
  sender: object,
  asked: Asked,
  end: (socket: Socket) => unknown,
): Promise<readonly Raced[]> {
  const idle = new Set<Socket>();
  const endAll = (): void => {
    for (const socket of idle) end(socket);
    idle.clear();
  };
  const a = await startExecutor('a', (req, res, whole) => {
    void whole.then((hash) => {
      idle.add(req.socket);
      res.end(hash);
    });
  });
  const b = await startExecutor('b');
  let moment: Moment | undefined;
  // As many are sent again as a front's retry budget allows at once: ten.
  const front = await startToldFront(
    {
      ...sender,
      members: [
        { url: a.url, route: 'a' },
        { url: b.url, route: 'b', lbset: 1 },
      ],
    },
    {
      before: (app) =>
        app.use((_req, _res, next) => {
          if (moment === 'in the app') endAll();
          next();
        }),
    },
  );
  const raced: Raced[] = [];
  for (const each of moments) {
    moment = undefined;
    await ask(front.port);
    moment = each;
    const id = String(each);
    const answered = ask(front.port, { ...asked, headers: { 'X-Id': id } });
    if (each !== 'in the app') {
      for (let i = 0; i < each; i += 1) await turn();
      endAll();
    }
    const { status, text, code } = await answered;
    const isRight = status !== 200 || text === hashOf(asked.body ?? Buffer.alloc(0));
    raced.push({
      what: `${status} ${isRight ? (code ?? 'its own') : text}`,
      method: asked.method!,
      moment: each,
      status: isRight ? status : 0,
      executions: a.executions.filter((one) => one.id === id).length,
      story: front.stories().at(-1)!,
    });
  }
  expect(b.executions).toEqual([]);
  await front.close();
  return raced;
}

function isUnruly({ method, status, executions }: Raced): boolean {
  if (method !== 'POST') return status !== 200 || executions > 2;
  return (status !== 200 && status !== 502) || executions > 1;
}

describe.each(senders)('over %s: an idle connection that the member', (_name, sender) => {
  test.each(endings)(
    '%s just as a request takes it fails none that may be repeated, and has no other executed twice',
    async (_doing, end) => {
      const all: Raced[] = [];
      for (const asked of requests) all.push(...(await race(sender, asked, end)));

      expect(all.filter(isUnruly)).toEqual([]);
      // It was a race: some connections were found ended too late, and some in time.
      const again = all.filter(({ story }) => story.includes('again'));
      expect(again.length).toBeGreaterThan(0);
      expect(again.length).toBeLessThan(all.length);
    },
  );

  test('has reset fails nothing of which no byte has left, whatever its method', async () => {
    const raced = await race(sender, { method: 'POST' }, (socket) => socket.resetAndDestroy());
    const [first] = raced.filter(({ moment }) => moment === 'in the app');
    expect(first).toMatchObject({
      status: 200,
      executions: 1,
      story: expect.stringMatching(/^a reset E\w+, a again answered 200$/),
    });
  });

  test('ends now and then, as soon as it has answered, fails none of four hundred that may be repeated', async () => {
    const random = createRandom(8);
    const a = await startExecutor('a', (req, res, whole) => {
      void whole.then(async (hash) => {
        const turns = random.below(6);
        const isLast = random.happens(15);
        res.end(hash);
        for (let i = 0; i < turns; i += 1) await turn();
        // Whoever asks next has it by now, or is about to.
        if (isLast) req.socket.destroy();
      });
    });
    const front = await startToldFront({ ...sender, members: [{ url: a.url, route: 'a' }] });
    const refused: string[] = [];
    const work = async (first: number): Promise<void> => {
      for (let i = first; i < 400; i += 4) {
        const asked = requests[i % requests.length]!;
        const { status } = await ask(front.port, { ...asked, headers: { 'X-Id': `${asked.method!} ${i}` } });
        if (status !== 200) refused.push(`${asked.method!} ${status}`);
      }
    };
    await Promise.all([0, 1, 2, 3].map(work));

    expect(refused.filter((line) => line !== 'POST 502')).toEqual([]);
    const posts = a.executions.map(({ id }) => id).filter((id) => id.startsWith('POST'));
    expect(new Set(posts).size).toBe(posts.length);
    expect(front.stories().join()).toContain('again');
  });
});
