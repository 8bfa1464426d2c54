import { afterEach, describe, expect, test } from '@jest/globals';
import { ask } from '../support/ask.ts';
import { expectIdle, stopClock } from '../../src/testing/index.ts';
import { senders } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { keepMembers } from '../support/members.ts';
import { RawClient } from '../support/raw-client.ts';
import { startToldFront } from '../support/stories.ts';

afterEach(tidyUp);

/** A session of the member in error, which is where its requests go as soon as they may. */
const path = '/?S=x.a';

describe.each(senders)('a slow upload that tries a member in error, over %s', (_name, sender) => {
  test('leaves the trial to another request after a second, and is not disturbed', async () => {
    using clock = stopClock();
    const members = await keepMembers(['a', 'b']);
    const { a, b } = members;
    const front = await startToldFront({
      ...sender,
      stickysession: 'S',
      members: [{ ...a.definition, retry: 30 }, b.definition],
    });
    await a.refuse();
    expect((await ask(front.port, { path })).text).toBe('b');
    expect(front.member('a').inError).toBe(true);
    await a.recover();
    await clock.pass('30s');

    const client = await RawClient.connect(front.port);
    client.send([`POST ${path} HTTP/1.1`, 'Host: a', 'Content-Length: 10'], 'slow');
    await clock.pass('999ms');
    expect(a.requests.map(({ isComplete }) => isComplete)).toEqual([false]);
    expect((await ask(front.port, { path })).text).toBe('b');
    await clock.pass('1ms');
    expect((await ask(front.port, { path })).text).toBe('a');
    expect(front.member('a')).toMatchObject({ inError: false, busy: 1 });
    client.write(' after');
    expect((await client.readAnswer('POST')).body).toBe('a');
    expect(a.requests[0]!.text()).toBe('slow after');
    await expectIdle(front.balancer);
  });
});
