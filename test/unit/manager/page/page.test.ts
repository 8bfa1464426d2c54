import { describe, expect, test } from '@jest/globals';
import { DefinitionError } from '../../../../src/definition/problem.ts';
import { listCells } from '../../../../src/manager/page/cells.ts';
import { showPage, type Page } from '../../../../src/manager/page/page.ts';
import { ManagerError } from '../../../../src/manager/route.ts';
import { readTags } from './look-at-html.ts';
import { makeBalancer, makeChange, makeMember, makeReport, reportedAt } from './make-report.ts';

const viewer = { base: '/bm', token: 'the.token', isReadOnly: false };

function show(other: Partial<Page> = {}): string {
  return showPage({ title: 'Balancers', user: 'ann', viewer, report: makeReport(), ...other });
}

/** A text as a reader has it. */
function readText(markup: string): string {
  return markup.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
}

describe('what stands on the page', () => {
  const text = readText(show());

  test.each([
    'Balancers',
    'ann',
    '/shop',
    'byrequests',
    'http://app1.site.com:3000/',
    '3 of 10',
    '1.2M',
    '94M',
    'In error',
    'tried again in 0:45',
    'passed 1 of 2',
    'app3 : no connection (ECONNREFUSED), 1.2 ms its session is bound there',
    'GET /health every 30 s',
    'Where would this request go? If it comes to this balancer: what the app does before, mounts and exclusions among it, is not looked at.',
  ])('%j', (words) => {
    expect(text).toContain(words);
  });

  test('says beside a member what is in force on it, by whom, why and how long yet', () => {
    expect(text).toContain('Drained by ann for 12 min more : deploy Undo');
  });

  test('says beside the balancer whom somebody has removed', () => {
    const deed = { kind: 'remove', balancer: 'app', member: 'app9' } as const;
    const report = makeReport({ changes: [makeChange({ deed, until: undefined, reason: undefined })] });
    expect(readText(show({ report }))).toContain('app9 removed by ann Undo');
  });

  test('says when a drained member will be disabled', () => {
    const deed = { kind: 'drain', balancer: 'app', member: 'app2', deadlineMs: 600_000 } as const;
    const report = makeReport({ changes: [makeChange({ deed, at: reportedAt })] });
    expect(readText(show({ report }))).toMatch(/for 12 min more , disabled at \d\d:13:45: deploy/);
  });

  test.each([
    [true, 'Changes Changes are kept by the app.'],
    [false, 'Changes Changes are lost at the next restart.'],
  ])('says above the log whether changes persist: %s', (persists, words) => {
    expect(readText(show({ report: makeReport({ persists }) }))).toContain(words);
  });

  test('a page without balancers says so', () => {
    expect(readText(show({ report: makeReport({ balancers: [] }) }))).toContain('There is no balancer.');
  });
});

describe('every text that moves', () => {
  test('has its place, and every place its text', () => {
    const report = makeReport();
    const places = readTags(show({ report })).flatMap(({ attributes }) => attributes.get('data-cell') ?? []);
    expect(new Set(places)).toEqual(new Set(listCells(report).keys()));
  });

  test('tells its kind, so that it is not told by colour alone', () => {
    const cells = listCells(makeReport());
    expect(cells.get('m/app/app3/state')).toEqual({ text: 'In error', kind: 'bad' });
    expect(cells.get('m/app/app3/letters')).toEqual({ text: 'E' });
    expect(cells.get('b/app/members')).toEqual({ text: '1 of 3 serving', kind: 'warn' });
    expect(cells.get('c/c1/rest')).toEqual({ text: 'for 12\u00a0min more' });
  });

  test('a full member and a full queue stand out', () => {
    const report = makeReport({
      balancers: [
        makeBalancer('app', [makeMember('app1', { busy: 10, max: 10 })], { waiting: 5, queueLength: 5 }),
      ],
    });
    expect(listCells(report).get('m/app/app1/busy')).toEqual({ text: '10 of 10', kind: 'warn' });
    expect(listCells(report).get('b/app/waiting')).toEqual({ text: '5 of 5', kind: 'bad' });
  });

  test.each([
    [undefined, { text: 'no check yet', kind: 'none' }],
    [
      { at: reportedAt - 61_000, passed: false, why: '503' },
      { text: 'failed 2 of 3', kind: 'bad' },
    ],
  ])('health checks with the last one %j read %j', (last, cell) => {
    const health = {
      method: 'GET',
      uri: '/',
      intervalMs: 1,
      passes: 2,
      fails: 3,
      passed: 0,
      failed: 2,
      last,
    };
    const report = makeReport({ balancers: [makeBalancer('app', [makeMember('app1', { health })])] });
    expect(listCells(report).get('m/app/app1/health')).toEqual(cell);
  });
});

describe('for everybody', () => {
  const markup = show({ message: 'Done.' });
  const tags = readTags(markup);
  const named = (name: string): typeof tags => tags.filter((tag) => tag.name === name);

  test('there is one h1, one main, and a way to skip to it', () => {
    expect([named('h1').length, named('main').length]).toEqual([1, 1]);
    expect(named('a')[0]!.attributes.get('href')).toBe(`#${named('main')[0]!.attributes.get('id')!}`);
  });

  test('every table has a caption, and every head a scope', () => {
    expect(named('caption').length).toBe(named('table').length);
    expect(named('th').filter(({ attributes }) => !attributes.has('scope'))).toEqual([]);
  });

  test('every field stands in a label', () => {
    const unlabelled: string[] = [];
    let isInLabel = false;
    for (const { name, attributes } of tags) {
      if (name === 'label') isInLabel = true;
      if (name === '/label') isInLabel = false;
      const isField = (name === 'input' && attributes.get('type') !== 'hidden') || name === 'select';
      if (isField && !isInLabel) unlabelled.push(attributes.get('name') ?? name);
    }
    expect(unlabelled).toEqual([]);
    expect(named('select').length).toBeGreaterThan(3);
  });

  test('no id stands twice, and whatever is named is there', () => {
    const ids = tags.flatMap(({ attributes }) => attributes.get('id') ?? []);
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
    const references = tags.flatMap(({ attributes }) => attributes.get('aria-labelledby') ?? []);
    const fragments = named('a').flatMap(
      ({ attributes }) => /^#(.+)/.exec(attributes.get('href')!)?.[1] ?? [],
    );
    for (const id of [...references, ...fragments]) expect(ids).toContain(id);
  });

  test('no script, style or handler stands in the page itself', () => {
    const attributes = new Set(tags.flatMap((tag) => [...tag.attributes.keys()]));
    expect([...attributes].filter((name) => name === 'style' || name.startsWith('on'))).toEqual([]);
    expect(named('style')).toEqual([]);
    expect(named('script').map((tag) => tag.attributes.get('src'))).toEqual(['/bm/assets/main.js']);
  });

  test('every region that scrolls can be reached and has a name of its own', () => {
    const regions = tags.filter(({ attributes }) => attributes.get('role') === 'region');
    expect(regions.filter(({ attributes }) => attributes.get('tabindex') !== '0')).toEqual([]);
    const names = regions.map(({ attributes }) => attributes.get('aria-label'));
    expect(new Set(names).size).toBe(names.length);
  });

  test('what became of a form is said, and what is wrong is called', () => {
    expect(markup).toContain('role="status">Done.</p>');
    expect(show({ error: new ManagerError('ERR_MANAGER_TOKEN') })).toContain('role="alert"');
  });
});

describe('those who may only read', () => {
  const markup = show({ viewer: { ...viewer, isReadOnly: true } });

  test('get no form that changes anything, only the question', () => {
    const actions = readTags(markup).flatMap(({ attributes }) => attributes.get('action') ?? []);
    expect(actions).toEqual(['/bm/forms/explain']);
    expect(markup).not.toContain('formaction');
  });

  test('see the same as everybody else', () => {
    for (const words of ['Drained by ann', 'read only', '3 of 10', 'GET /health every'])
      expect(readText(markup)).toContain(words);
  });
});

describe('a form that was refused', () => {
  const error = new DefinitionError(
    [
      {
        path: 'change.loadfactor',
        given: '200',
        problem: 'it must be a load factor',
        advice: 'write 1 to 100',
      },
    ],
    'The change of member app1',
  );
  const refused = {
    form: 'm/app/app1/edit',
    fields: { loadfactor: '200', reason: 'more "power"', hcmethod: 'HEAD', hotSpare: 'on' },
    faulty: new Set(['loadfactor']),
  };
  const markup = show({ error, refused });
  const form = markup.slice(markup.indexOf('<form id="m/app/app1/edit"')).split('</form>', 1)[0]!;

  test('tells every problem at the top of the page', () => {
    expect(readText(markup)).toContain('The change of member app1 is wrong:');
    expect(readText(markup)).toContain('change.loadfactor is 200: it must be a load factor; write 1 to 100');
    expect(markup).toContain('<title>Error: Balancers</title>');
  });

  test('is found from there, however long the page is', () => {
    expect(markup).toContain('<a href="#m/app/app1/edit">To the form</a>');
  });

  test('is open, and as it was filled in', () => {
    const tags = readTags(form);
    const field = (name: string) =>
      tags.find(({ attributes }) => attributes.get('name') === name)!.attributes;
    expect(field('loadfactor').get('value')).toBe('200');
    expect(field('loadfactor').get('aria-invalid')).toBe('true');
    expect(field('reason').get('value')).toBe('more &quot;power&quot;');
    expect(field('hotSpare').has('checked')).toBe(true);
    expect(form).toMatch(/<option +selected>HEAD</);
    const details = readTags(markup).find((tag) => tag.attributes.get('data-details') === 'm/app/app1');
    expect(details!.attributes.has('open')).toBe(true);
  });

  test('knows what its fields were before, not what was filled in', () => {
    expect(form).toContain('name="was.loadfactor" value="1"');
    expect(form).toContain('name="was.hotSpare" value="off"');
  });

  test('leaves the other forms as they are', () => {
    expect(markup.split('value="200"').length).toBe(2);
  });
});
