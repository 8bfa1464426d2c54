import { describe, expect, test } from '@jest/globals';
import { styleSheet } from '../../../../src/manager/page/style.ts';

/** The colours of one scheme by their names. */
function readColours(block: string): ReadonlyMap<string, string> {
  return new Map(
    [...block.matchAll(/--([a-z-]+): (#[\da-f]{6})/g)].map(([, name, colour]) => [name!, colour!]),
  );
}

const [light, dark] = [...styleSheet.matchAll(/:root \{[^}]*\}/g)].map(([block]) => readColours(block));

/** WCAG 2.2, relative luminance. */
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const share = parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(one: string, other: string): number {
  const [a, b] = [luminance(one), luminance(other)].toSorted((x, y) => y - x);
  return (a! + 0.05) / (b! + 0.05);
}

const texts: readonly (readonly [text: string, grounds: readonly string[]])[] = [
  ['text', ['ground', 'panel', 'raised', 'button', 'button-hover', 'field', 'bad-ground', 'info-ground']],
  ['muted', ['ground', 'panel', 'raised', 'field', 'info-ground', 'bad-ground']],
  ['link', ['ground', 'panel', 'raised', 'info-ground']],
  ['ok', ['ok-ground', 'panel', 'raised']],
  ['info', ['info-ground']],
  ['warn', ['warn-ground', 'panel', 'raised']],
  ['bad', ['bad-ground', 'panel', 'raised', 'button']],
  ['off', ['off-ground']],
  ['on-primary', ['primary']],
];
const pairs = texts.flatMap(([text, grounds]) => grounds.map((ground) => [text, ground] as const));

describe.each([
  ['light', light!],
  ['dark', dark!],
])('in the %s scheme', (_, colours) => {
  test.each(pairs)('%s on %s can be read (4.5 : 1)', (text, ground) => {
    expect(contrast(colours.get(text)!, colours.get(ground)!)).toBeGreaterThanOrEqual(4.5);
  });

  test.each([
    ['field-line', 'field'],
    ['field-line', 'raised'],
    ['focus', 'panel'],
    ['focus', 'raised'],
  ])('%s on %s can be seen (3 : 1)', (line, ground) => {
    expect(contrast(colours.get(line)!, colours.get(ground)!)).toBeGreaterThanOrEqual(3);
  });
});

describe('the style sheet', () => {
  test('asks for nothing from anywhere', () => {
    expect(styleSheet).not.toMatch(/url\(|@import/);
  });

  test('uses only colours that it has', () => {
    const used = [...styleSheet.matchAll(/var\(--([a-z-]+)\)/g)].map(([, name]) => name!);
    expect([...new Set(used)].filter((name) => !light!.has(name) || !dark!.has(name))).toEqual([]);
  });

  test('closes what it opens', () => {
    expect(styleSheet.split('{').length).toBe(styleSheet.split('}').length);
  });

  test('what is jumped to does not stand beneath the head of its table', () => {
    expect(styleSheet).toMatch(/\.scroll \{[^}]*scroll-padding-top/);
  });

  test('a badge of each kind has a sign of its own', () => {
    const signs = ['ok', 'info', 'warn', 'bad', 'off'].map(
      (kind) =>
        new RegExp(`\\.badge\\[data-kind="${kind}"\\]::before \\{ content: "([^"]+)";`).exec(styleSheet)?.[1],
    );
    expect(signs).not.toContain(undefined);
    expect(new Set(signs).size).toBe(5);
  });

  test.each([
    'prefers-color-scheme: dark',
    'prefers-reduced-motion',
    'forced-colors: active',
    'scripting: none',
  ])('has an answer to %s', (feature) => {
    expect(styleSheet).toContain(`(${feature}`);
  });
});
