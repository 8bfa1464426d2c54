import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Agent } from 'node:http';
import { ask, type Told } from '../support/ask.ts';
import { startRawBackend, type Backend } from '../support/backend.ts';
import { senders } from '../support/front.ts';
import { isIdle, tidyUp, until } from '../support/idle.ts';
import {
  evil,
  framing,
  smuggled,
  splitting,
  strangers,
  type Fate,
  type HostileAnswer,
} from '../support/hostile/answers.ts';
import { startToldFront, type ToldFront } from '../support/stories.ts';

const rows: Readonly<Record<string, readonly HostileAnswer[]>> = {
  'a second answer': smuggled,
  'more than one line': splitting,
  'lengths and codings': framing,
  strangers,
};

describe.each(senders)('a member that is hostile, over %s,', (name, sender) => {
  let member: Backend;
  let front: ToldFront;
  const agent = new Agent({ keepAlive: true });
  let asked: HostileAnswer | undefined;

  beforeAll(async () => {
    member = await startRawBackend((socket, head) => {
      const path = head.split(' ')[1]!;
      if (path === '/hostile') {
        const { bytes, ends, fate, hpm } = asked!;
        socket.write(bytes, 'latin1');
        if (ends || fate === 'cut' || hpm === 'cut') socket.end();
      } else {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${path.length}\r\n\r\n${path}`);
      }
    });
    front = await startToldFront({ ...sender, members: [{ url: member.url, timeout: '5s' }] });
  });

  afterAll(async () => {
    agent.destroy();
    await tidyUp();
  });

  describe.each(Object.keys(rows))('with %s', (kind) => {
    test.each(rows[kind]!.map((row) => [row.what, row] as const))('%s', async (_what, row) => {
      asked = row;
      member.received.length = 0;
      const fate = (name === 'http-proxy-middleware' && row.hpm) || row.fate;
      const others = ['/a', '/b', '/c'].map((path) => ask(front.port, { path, agent }));
      const told = await ask(front.port, { method: row.method ?? 'POST', path: '/hostile' });
      expect(fateOf(told)).toBe(fate);
      if (fate === 'relayed') expect(told.text).toBe(row.body ?? 'ok');
      expect(told.text).not.toContain('evil');
      expect(told.headers).not.toHaveProperty('set-cookie');

      // Each gets its own, at the same time and later.
      expect((await Promise.all(others)).map(({ text }) => text)).toEqual(['/a', '/b', '/c']);
      for (const path of ['/d', '/e']) expect((await ask(front.port, { path, agent })).text).toBe(path);
      await until(() => isIdle(front));

      const hostile = member.received.filter(({ url }) => url === '/hostile');
      expect(hostile).toHaveLength(1);
      const isSpoilt = fate !== 'relayed' || row.bytes.includes(evil);
      const later = member.received.slice(member.received.indexOf(hostile[0]!) + 1);
      if (isSpoilt) expect(later.map(({ connection }) => connection)).not.toContain(hostile[0]!.connection);
    });
  });
});

function fateOf({ status, whole, code }: Told): Fate {
  if (code !== undefined) {
    expect([status, code]).toEqual([502, expect.stringMatching(/^ERR_BALANCER_(?:BAD_ANSWER|RESET)$/)]);
    return 'refused';
  }
  return whole ? 'relayed' : 'cut';
}
