import { describe, expect, test } from '@jest/globals';
import { escapeHtml, html, printHtml } from '../../../../src/manager/page/html.ts';

describe('the template', () => {
  test.each([
    ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
    ['" onmouseover="alert(1)', '&quot; onmouseover=&quot;alert(1)'],
    ["' onmouseover='alert(1)", '&#39; onmouseover=&#39;alert(1)'],
    ['&lt;', '&amp;lt;'],
    ['a`b', 'a&#96;b'],
    ['nul\u0000 esc\u001b del\u007f', 'nul\ufffd esc\ufffd del\ufffd'],
    ['half \ud800 pair', 'half \ufffd pair'],
    ['turned \u202egpj.exe', 'turned \ufffdgpj.exe'],
    ['isolated \u2066x\u2069', 'isolated \ufffdx\ufffd'],
    ['plain – ünï 😀', 'plain – ünï 😀'],
  ])('escapes %j, in content and in attributes alike', (text, escaped) => {
    expect(printHtml(html`<b title="${text}">${text}</b>`)).toBe(`<b title="${escaped}">${escaped}</b>`);
    expect(escapeHtml(text)).toBe(escaped);
  });

  test('leaves HTML that it has made itself as it is', () => {
    const inner = html`<i>${'<'}</i>`;
    expect(printHtml(html`<b>${inner}${[inner, 'a<b']}</b>`)).toBe('<b><i>&lt;</i><i>&lt;</i>a&lt;b</b>');
  });

  test('writes nothing for nothing, and 0 for 0', () => {
    expect(printHtml(html`${undefined}|${false}|${0}|${''}|${[]}`)).toBe('||0||');
  });

  test.each([
    ['a record from outside', JSON.parse('{"text":"<b>","html":"<b>"}')],
    ['what says that it is HTML', { toString: () => '<b>', [Symbol.toStringTag]: 'Markup' }],
    ['what pretends to be of its kind', Object.create(Object.getPrototypeOf(html`<b></b>`) as object)],
  ])('takes no %s for HTML', (_, value: unknown) => {
    expect(() => printHtml(html`${value as string}`)).toThrow(TypeError);
  });

  test('drops the line breaks of the source, and keeps the words apart', () => {
    expect(
      printHtml(html`
        <p class="a">one two</p>
        <p></p>
      `),
    ).toBe(' <p class="a">one two</p><p></p> ');
  });
});
