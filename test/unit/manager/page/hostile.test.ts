import { describe, expect, test } from '@jest/globals';
import { showExplanation } from '../../../../src/manager/page/explain-part.ts';
import { showPage } from '../../../../src/manager/page/page.ts';
import { listParts } from './list-parts.ts';
import { ManagerError } from '../../../../src/manager/route.ts';
import type { Report } from '../../../../src/manager/survey/report.ts';
import { outline, readTags } from './look-at-html.ts';
import { makeBalancer, makeChange, makeDecision, makeHealth, makeMember, reportedAt } from './make-report.ts';

const hostile = [
  '<script>alert(1)</script>',
  '</span></td><img src=x onerror=alert(1)>',
  '" autofocus onfocus="alert(1)',
  "' autofocus onfocus='alert(1)",
  '`onfocus=alert(1)`',
  '<!--',
  ']]><svg onload=alert(1)>',
  '&lt;script&gt;',
  '\u202e<b>\u0000',
  'javascript:alert(1)',
];

/** A report with a text in every field that anybody can write into. */
function fill(text: string): Report {
  const health = {
    ...makeHealth(),
    uri: text,
    method: text,
    last: { at: reportedAt, passed: false, why: text },
  };
  const member = makeMember(text, {
    url: `unix:${text}`,
    route: text,
    redirect: text,
    status: text,
    health,
    parameters: { retry: text, timeout: text, hcmethod: text, hcuri: text, slowStart: [text] },
  });
  const balancer = makeBalancer(text, [member], {
    name: text,
    paths: [text],
    lbmethod: text,
    stickysession: text,
    routeCookie: text,
    options: { lbmethod: text, stickysession: text, failonstatus: [text], hold: { text } },
    sharing: { process: text, state: 'alone', since: reportedAt, processes: 0, counted: 1, why: text },
    processes: [],
  });
  const decision = makeDecision({
    balancer: text,
    method: text,
    path: text,
    error: text,
    route: text,
    attempts: [{ member: text, reason: text, outcome: text, status: 200, code: text, durationMs: 1 }],
  });
  const set = { route: text, hcuri: text };
  const about = { by: text, reason: text, ended: { at: reportedAt, by: text, why: text } };
  return {
    at: reportedAt,
    persists: true,
    balancers: [balancer],
    decisions: [decision],
    failovers: [decision],
    changes: [
      makeChange({ ...about, id: text, deed: { kind: 'change', balancer: text, member: text, set } }),
      makeChange({
        ...about,
        id: `${text}2`,
        deed: { kind: 'add', balancer: text, member: { url: text }, name: undefined },
      }),
      makeChange({ ...about, id: `${text}3`, deed: { kind: 'remove', balancer: text, member: text } }),
      makeChange({
        ...about,
        id: `${text}4`,
        deed: { kind: 'configure', balancer: text, set: { stickysession: text } },
      }),
    ],
  };
}

function show(text: string): string {
  const explanation = showExplanation(text, {
    member: text,
    text,
    sticky: text,
    route: text,
    members: [{ name: text, url: text, why: 'method', text }],
  });
  return showPage({
    title: text,
    user: text,
    viewer: { base: '/bm', token: text, isReadOnly: false },
    report: fill(text),
    error: new ManagerError('ERR_MANAGER_CHANGE', text),
    refused: {
      form: 'explain',
      fields: { path: text, cookie: text, balancer: text },
      faulty: new Set(['path']),
    },
    explanation,
  });
}

describe('texts of members, clients and operators', () => {
  const harmless = outline(show('harmless'));

  test.each(hostile)('%j adds no tag and no attribute to the page, wherever it stands', (text) => {
    expect(outline(show(text))).toEqual(harmless);
  });

  test.each(hostile)('%j adds none to the parts that are sent by themselves', (text) => {
    const viewer = { base: '/bm', token: text, isReadOnly: false };
    const ofHarmless = [...listParts(fill('harmless'), viewer).values()].map(outline);
    expect([...listParts(fill(text), viewer).values()].map(outline)).toEqual(ofHarmless);
  });

  test.each(hostile)('%j gets into no link', (text) => {
    const links = readTags(show(text)).flatMap(({ attributes }) => [
      attributes.get('href') ?? [],
      attributes.get('src') ?? [],
      attributes.get('action') ?? [],
      attributes.get('formaction') ?? [],
    ]);
    const odd = links.flat().filter((link) => !/^(#[\w/.~-]+|\/bm\/[\w./]*|data:,)$/.test(link));
    expect(odd).toEqual([]);
  });
});

describe('the URL of a member', () => {
  const linkOf = (url: string): ReadonlyMap<string, string> | undefined => {
    const report = { ...fill('app'), balancers: [makeBalancer('app', [makeMember('app1', { url })])] };
    const page = listParts(report, { base: '', token: '', isReadOnly: false }).get('m/app/app1')!;
    return readTags(page).find(({ name }) => name === 'a')?.attributes;
  };

  test.each(['http://app1.site.com/', 'HTTPS://app1.site.com/a?b=c&d', 'http://[::1]:3000/'])(
    '%s is a link',
    (url) => {
      expect(linkOf(url)?.get('href')).toBe(url.replace('&', '&amp;'));
      expect(linkOf(url)?.get('rel')).toBe('noreferrer noopener');
    },
  );

  test.each([
    'javascript:alert(1)//http://x/',
    ' javascript:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'unix:/run/app.sock|http://app/',
    '//evil.example/',
    'http:evil',
    'x http://a/',
  ])('%j is a text', (url) => {
    expect(linkOf(url)).toBeUndefined();
  });
});
