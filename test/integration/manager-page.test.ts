import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createManager, type Manager, type ManagerOptions } from '../../src/manager/index.ts';
import { outline, readTags } from '../unit/manager/page/look-at-html.ts';
import { ask, type Told } from '../support/ask.ts';
import { startBackend, stopBackends } from '../support/backend.ts';
import { closeFronts, silent, startFront, type Front } from '../support/front.ts';

let front: Front;
let manager: Manager;
let isReadOnly = false;

/** An app with a balancer of two members, and the manager at /bm. */
async function start(options: Partial<ManagerOptions> = {}): Promise<void> {
  const [one, two] = [await startBackend('one'), await startBackend('two')];
  front = await startFront(
    {
      name: 'app',
      stickysession: 'sid',
      members: [
        { url: one.url, route: 'app1' },
        { url: two.url, route: 'app2' },
      ],
    },
    {
      mount: '/shop',
      before: (app) => {
        // The balancer is made after it.
        app.use('/bm', (req, res, next) => {
          manager(req, res, next);
        });
      },
    },
  );
  manager = createManager({
    balancers: [front.balancer],
    authorize: () => ({ user: 'ann', readOnly: isReadOnly }),
    ...silent,
    ...options,
  });
}

beforeEach(async () => {
  isReadOnly = false;
  await start();
});

afterEach(async () => {
  manager.close();
  await closeFronts();
  await stopBackends();
});

async function getPage(query = ''): Promise<string> {
  const { status, body } = await ask(front.port, { path: `/bm/${query}` });
  expect(status).toBe(200);
  return body.toString();
}

/** Fills in a form of the page as a browser does, and presses a button. */
async function submit(
  form: string,
  filled: Readonly<Record<string, string>> = {},
  { to, headers = {}, page }: Readonly<{ to?: string; headers?: Record<string, string>; page?: string }> = {},
): Promise<Told> {
  const markup = page ?? (await getPage());
  const own = markup.slice(markup.indexOf(`<form id="${form}"`)).split('</form>', 1)[0]!;
  const tags = readTags(own);
  const fields = new Map<string, string>();
  for (const { name, attributes } of tags) {
    if (name !== 'input') continue;
    if (attributes.get('type') === 'checkbox' && !attributes.has('checked')) continue;
    fields.set(attributes.get('name')!, attributes.get('value')!);
  }
  for (const [name, value] of Object.entries(filled)) fields.set(name, value);
  const action = to ?? tags[0]!.attributes.get('action')!;
  return ask(front.port, {
    method: 'POST',
    path: action,
    headers: {
      'Content-Type': 'application/x-www-form-urlencoded',
      Origin: `http://127.0.0.1:${front.port}`,
      ...headers,
    },
    body: Buffer.from(new URLSearchParams([...fields]).toString()),
  });
}

function readText(markup: string): string {
  return markup.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
}

/** The fields that are marked as wrong. */
function findInvalid(markup: string): readonly (string | undefined)[] {
  return readTags(markup)
    .filter(({ attributes }) => attributes.has('aria-invalid'))
    .map(({ attributes }) => attributes.get('name'));
}

function statusOf(member: string): string {
  return front.balancer.view().find(({ name }) => name === member)!.status;
}

describe('the page', () => {
  test('shows the members, what they have served, and where the balancer is mounted', async () => {
    for (let i = 0; i < 4; i += 1) await ask(front.port, { path: '/shop/items' });
    const text = readText(await getPage());
    for (const words of ['app1', 'app2', '2 of 2 serving', '/shop', 'GET /shop/items', 'answered 200'])
      expect(text).toContain(words);
  });

  test('is the same under its path without the slash, with links that work from both', async () => {
    const [bare, slashed] = [await ask(front.port, { path: '/bm' }), await ask(front.port, { path: '/bm/' })];
    expect(outline(bare.body.toString())).toEqual(outline(slashed.body.toString()));
    expect(bare.text).toContain('href="/bm/assets/manager.css"');
  });

  test('gives httpd’s XML when it is asked for it', async () => {
    const { headers, text } = await ask(front.port, { path: '/bm/?xml=1' });
    expect(headers['content-type']).toContain('xml');
    expect(text).toContain('httpd:manager');
  });

  test('shows no words of an address', async () => {
    const page = await getPage('?done=You+have+been+hacked&message=hacked&error=hacked');
    expect(page).not.toContain('hacked');
    expect(page).not.toContain('class="message"');
  });
});

describe('a form', () => {
  test('drains a member, and leads back to it with a message', async () => {
    const told = await submit('m/app/app2/quick', { reason: 'deploy <b>', for: '20m' });
    expect([told.status, told.headers.location]).toEqual([303, '/bm/?done=drain#m/app/app2']);
    expect(statusOf('app2')).toBe('N');
    const page = await getPage('?done=drain');
    expect(readText(page)).toMatch(/Drained by ann for (20|19) min more : deploy &lt;b&gt; Undo/);
    expect(page).toContain('role="status">The member is drained');
  });

  test('undoes it', async () => {
    await submit('m/app/app2/quick');
    const { id } = manager.changes()[0]!;
    const told = await submit(`c/${id}/undo-note`);
    expect([told.status, told.headers.location]).toEqual([303, '/bm/?done=undo#m/app/app2']);
    expect(statusOf('app2')).toBe('');
    expect(readText(await getPage())).toMatch(/Drain app2 of app – – Undone/);
  });

  test('disables and enables by a button with an action of its own', async () => {
    await submit('m/app/app1/quick', { disabled: 'on' }, { to: '/bm/forms/change' });
    expect(statusOf('app1')).toBe('D');
    expect(await getPage()).toContain('name="disabled" value="off">Enable');
  });

  test('changes only what was changed in it: what somebody else has set since stays', async () => {
    const page = await getPage();
    front.balancer.change('app1', { lbset: 3, hotStandby: true });
    await submit('m/app/app1/edit', { loadfactor: '2' }, { page });
    expect(front.balancer.view()[0]).toMatchObject({ loadfactor: 2, lbset: 3, status: 'H' });
    expect(manager.changes()[0]!.deed).toMatchObject({ kind: 'change', set: { loadfactor: 2 } });
  });

  test('adds a member and removes one', async () => {
    const three = await startBackend('three');
    const added = await submit('b/app/add', { url: three.url, route: 'app3', status: 'D' });
    expect(added.headers.location).toBe('/bm/?done=add#m/app/app3');
    expect(statusOf('app3')).toBe('D');
    const removed = await submit('m/app/app2/quick', {}, { to: '/bm/forms/remove' });
    expect(removed.headers.location).toBe('/bm/?done=remove#b/app');
    expect(front.balancer.view().map(({ name }) => name)).toEqual(['app1', 'app3']);
    expect(readText(await getPage())).toContain('app2 removed by ann');
  });

  test('configures the balancer', async () => {
    const told = await submit('b/app/settings', {
      lbmethod: 'bybusyness',
      timeout: '5s',
      failonstatus: '500, 503',
    });
    expect(told.headers.location).toBe('/bm/?done=configure#b/app');
    expect(manager.changes()[0]!.deed).toEqual({
      kind: 'configure',
      balancer: 'app',
      set: { lbmethod: 'bybusyness', timeout: '5s', failonstatus: [500, 503] },
    });
    const page = await getPage();
    expect(page).toContain('name="was.failonstatus" value="500, 503"');
    expect(readText(page)).toContain('Method bybusyness');
  });
});

describe('a form that is refused', () => {
  test('comes back with the status, every problem, and what was filled in', async () => {
    const filled = { loadfactor: '200', lbset: '-1', reason: '<i>"why"</i>' };
    const told = await submit('m/app/app1/edit', filled);
    expect(told.status).toBe(422);
    const page = told.body.toString();
    expect(page).toContain('role="alert"');
    expect(readText(page)).toMatch(/change\.loadfactor is 200: .*change\.lbset is (-1|&#39;-1&#39;): /);
    expect(page).toContain('name="loadfactor" value="200"');
    expect(page).toContain('value="&lt;i&gt;&quot;why&quot;&lt;/i&gt;"');
    expect(manager.changes()).toEqual([]);
  });

  test('can be sent again as it came back, put right', async () => {
    const page = (await submit('m/app/app1/edit', { loadfactor: '200', reason: 'more' })).body.toString();
    const told = await submit('m/app/app1/edit', { loadfactor: '20' }, { page });
    expect(told.status).toBe(303);
    expect(manager.changes()[0]).toMatchObject({ reason: 'more', deed: { set: { loadfactor: 20 } } });
  });

  test('a wrong token is told on the page, and a new one is there', async () => {
    const told = await submit('m/app/app1/edit', { loadfactor: '2', token: 'old' });
    expect(told.status).toBe(403);
    const page = told.body.toString();
    expect(page).toContain('ERR_MANAGER_TOKEN');
    expect((await submit('m/app/app1/edit', {}, { page })).status).toBe(303);
    expect(front.balancer.view()[0]).toMatchObject({ loadfactor: 2 });
  });

  test('a member without a URL is told what to write, at its field', async () => {
    const told = await submit('b/app/add', { route: '', reason: 'more' });
    expect(told.status).toBe(422);
    const page = told.body.toString();
    expect(readText(page)).toContain(
      'member.url is missing: a member is where its URL says; write http://host:3000',
    );
    expect(findInvalid(page)).toEqual(['url']);
    expect(page).toContain('name="reason" value="more"');
  });

  test.each(['change', 'remove'])('a deadline is for draining only: %s', async (kind) => {
    const told = await submit(
      'm/app/app1/quick',
      { deadline: '10m', ...(kind === 'change' && { disabled: 'on' }) },
      { to: `/bm/forms/${kind}` },
    );
    const page = told.body.toString();
    expect(readText(page)).toMatch(
      /change\.deadline is .*: it is an option of drain; (press Drain, or )?leave the field empty/,
    );
    expect(findInvalid(page)).toEqual(['deadline']);
    expect(statusOf('app1')).toBe('');
  });

  test.each([
    [{ stickysession: '' }, 'nofailover', 'uncheck nofailover too'],
    [{ stickysession: '-' }, 'stickysession', 'leave the field empty'],
    [{ queueTimeout: '20' }, 'queueTimeout', 'set max of a member, or leave the field empty'],
  ])('%j is told in words for forms, to people and to the script', async (filled, field, advice) => {
    front.balancer.configure({ nofailover: true });
    const told = await submit('b/app/settings', filled);
    expect(readText(told.body.toString())).toContain(advice);
    expect(findInvalid(told.body.toString())).toContain(field);
    const { error } = JSON.parse(
      (await submit('b/app/settings', filled, { headers: { Accept: 'application/json' } })).body.toString(),
    ) as { error: { message: string; problems: { advice: string }[] } };
    expect(error.problems.map((problem) => problem.advice)).toContain(advice);
    expect(error.message).toMatch(/^The change of balancer 'app' is wrong:\n/);
    expect(error.message).toContain(`; ${advice}`);
  });

  test('a field that was emptied is called so', async () => {
    front.balancer.change('app2', { redirect: 'app1' });
    const page = await getPage();
    const told = await submit('m/app/app2/edit', { route: '' }, { page });
    expect(readText(told.body.toString())).toMatch(/change\.route is empty: .*; leave redirect empty too/);
    expect(findInvalid(told.body.toString())).toEqual(['route']);
  });

  test('has an address that leads back to the page', async () => {
    for (const kind of ['add', 'explain', 'nothing']) {
      const { status, headers } = await ask(front.port, { path: `/bm/forms/${kind}?x=1` });
      expect([status, headers.location]).toEqual([303, '/bm/']);
    }
  });

  test('what is no form is not found', async () => {
    const told = await submit('m/app/app1/quick', {}, { to: '/bm/forms/constructor' });
    expect(told.status).toBe(404);
  });
});

describe('the page’s script', () => {
  const headers = { Accept: 'application/json' };

  test('is told what was done, and where to look', async () => {
    const told = await submit('m/app/app1/quick', {}, { headers });
    expect(told.status).toBe(200);
    expect(JSON.parse(told.body.toString())).toEqual({
      done: 'drain',
      message: 'The member is drained: its sessions stay, new ones go elsewhere.',
      at: 'm/app/app1',
    });
  });

  test('is told what is wrong as the API tells it', async () => {
    const told = await submit('m/app/app1/edit', { loadfactor: '200' }, { headers });
    expect(told.status).toBe(422);
    expect(JSON.parse(told.body.toString())).toMatchObject({
      error: { code: 'ERR_BALANCER_DEFINITION', problems: [{ path: 'change.loadfactor', given: '200' }] },
    });
  });

  test('is given the answer to the question as HTML', async () => {
    const told = await submit(
      'explain',
      { balancer: 'app', path: '/shop', cookie: 'sid=1.app2' },
      { headers },
    );
    const { html } = JSON.parse(told.body.toString()) as { html: string };
    expect(readText(html)).toContain('app2: the session is bound to it by route');
  });
});

describe('where would this request go?', () => {
  const question = { balancer: 'app', path: '/shop/a?b=<c>', cookie: 'sid=4711.app1' };

  test('is answered on the page, with the reason of every member, and the question as it was', async () => {
    const told = await submit('explain', question);
    expect(told.status).toBe(200);
    const page = told.body.toString();
    expect(readText(page)).toMatch(/Its session.*Bound elsewhere/);
    expect(page).toContain('value="/shop/a?b=&lt;c&gt;"');
    // It stands below all balancers.
    expect(page).toContain('<a href="#explain">To the answer</a>');
    expect(front.balancer.view().map(({ elected }) => elected)).toEqual([0, 0]);
  });

  test('says what is wrong with the question', async () => {
    const told = await submit('explain', { ...question, path: 'shop' });
    expect(told.status).toBe(422);
    expect(readText(told.body.toString())).toContain('it must be a path that begins with /');
  });

  test('may be asked by those who may only read', async () => {
    isReadOnly = true;
    expect((await submit('explain', question)).status).toBe(200);
  });
});

describe('those who may only read', () => {
  test('see the page without forms that change anything, and change nothing by one they made up', async () => {
    const page = await getPage();
    isReadOnly = true;
    expect((await getPage()).split('<form').length).toBe(2);
    const told = await submit('m/app/app1/quick', {}, { page });
    expect(told.status).toBe(403);
    expect(statusOf('app1')).toBe('');
  });
});

test('script in a route, a path, a cookie or a user’s name stays a text', async () => {
  manager.close();
  const script = '<script>alert(1)</script>';
  manager = createManager({ balancers: [front.balancer], authorize: () => script, title: script, ...silent });
  const { url } = await startBackend('x');
  front.balancer.add({ url, route: '"><script>alert(1)</script>' });
  await ask(front.port, { path: `/shop/${script}`, headers: { Cookie: `sid=1.${script}` } });
  await submit('m/app/app1/quick', { reason: script });
  const page = await getPage();
  expect(page).not.toContain('<script>alert');
  expect(readText(page)).toContain('&lt;script&gt;');
  expect(() => readTags(page)).not.toThrow();
});
