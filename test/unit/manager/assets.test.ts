import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { assetRoutes } from '../../../src/manager/assets.ts';
import { styleSheet } from '../../../src/manager/page/style.ts';
import type { Answer, Asked, ManagerParts } from '../../../src/manager/route.ts';

type Sent = Exclude<Answer, { stream: unknown }>;

async function get(file: string, headers: IncomingHttpHeaders = {}): Promise<Sent> {
  // All that is looked at.
  const asked = { params: { file }, req: { headers } } as unknown as Asked;
  return (await assetRoutes[0]!.answer(asked, {} as ManagerParts)) as Sent;
}

describe('files of the page', () => {
  test.each([
    ['manager.css', 'text/css; charset=utf-8'],
    ['uplot.css', 'text/css; charset=utf-8'],
    ['uplot.js', 'text/javascript; charset=utf-8'],
  ])('%s', async (file, type) => {
    const answer = await get(file);
    expect(answer).toMatchObject({ status: 200, type });
    expect(answer.headers).toMatchObject({ 'Cache-Control': 'private, no-cache' });
    const hash = createHash('sha256').update(answer.body).digest('base64url');
    expect(answer.headers?.['ETag']).toBe(`"${hash}"`);
  });

  test('the style sheet is the page’s', async () => {
    expect(Buffer.from((await get('manager.css')).body).toString()).toBe(styleSheet);
  });

  test('uPlot is the module for browsers', async () => {
    expect(Buffer.from((await get('uplot.js')).body).toString()).toMatch(
      /export \{ uPlot as default \};\s*$/,
    );
  });

  test('uPlot writes neither markup nor style attributes, which the policy forbids', async () => {
    const text = Buffer.from((await get('uplot.js')).body).toString();
    expect(text).not.toMatch(
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setAttribute\(\s*['"]style/,
    );
  });
});

describe('what the browser has already', () => {
  test('is not sent again', async () => {
    const etag = (await get('uplot.css')).headers!['ETag']!;
    for (const asked of [etag, `W/${etag}`, `"x", ${etag}`, '*'])
      expect(await get('uplot.css', { 'if-none-match': asked })).toMatchObject({
        status: 304,
        body: '',
        headers: { ETag: etag },
      });
  });

  test('is sent when it is another', async () => {
    for (const asked of ['"x"', '', 'x'])
      expect(await get('uplot.css', { 'if-none-match': asked })).toMatchObject({ status: 200 });
  });
});

test.each(['main.ts', 'tsconfig.json', '..', '', 'toString', 'uPlot.css', 'manager.css '])(
  '%j is none',
  async (file) => {
    await expect(get(file)).rejects.toMatchObject({ code: 'ERR_MANAGER_NOT_FOUND' });
  },
);
