/** How one line is told from the others: by its colour, and by its dashes. */
export type Stroke = Readonly<{ colour: string; dash: readonly number[] }>;

/** How charts are drawn now. */
export type Look = Readonly<{ strokes: readonly Stroke[]; text: string; grid: string; font: string }>;

// After Okabe and Ito, whose colours are told apart without red or green, made to stand out 3 : 1 from both grounds (WCAG 1.4.11).
const light = ['#0b5fa5', '#c2410c', '#00735a', '#9c3587', '#7a5200', '#0e7490', '#3d3d3d', '#b4235a'];
const dark = ['#56b4e9', '#ff9e4a', '#3ddc97', '#e58fc6', '#f0e442', '#8fd3ff', '#d8d8d8', '#ff7b8a'];

const dashes: readonly (readonly number[])[] = [
  [],
  [6, 3],
  [2, 2],
  [10, 3, 2, 3],
  [4, 4],
  [12, 4],
  [1, 3],
  [8, 2, 2, 2, 2, 2],
];

/** How many lines can be told apart. */
export const mostLines = light.length;

/** Reads from the page how it looks. */
export function readLook(isDark: boolean): Look {
  const style = getComputedStyle(document.body);
  const colours = isDark ? dark : light;
  return {
    strokes: colours.map((colour, i) => ({ colour, dash: dashes[i]! })),
    text: style.getPropertyValue('--muted') || style.color,
    grid: style.getPropertyValue('--soft') || style.color,
    font: `11px ${style.fontFamily}`,
  };
}

/** What the script adds to the page looks as its neighbours do. */
export function addStyle(): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
[hidden] { display: none !important; }
.filter { display: flex; flex-wrap: wrap; gap: 0.5rem 1.25rem; align-items: end; }
.filter .field { width: 16rem; max-width: 100%; }
.filter .check, .filter output { min-height: 2rem; }
.filter output { display: flex; align-items: center; color: var(--muted); }
.toast { position: fixed; pointer-events: none; left: 50%; bottom: 1.5rem; z-index: 8; transform: translateX(-50%); margin: 0; max-width: calc(100vw - 2rem); width: max-content; box-shadow: 0 4px 16px rgb(0 0 0 / 0.25); }
form[aria-busy] { cursor: progress; opacity: 0.7; }
.form > .error { margin-bottom: 0.75rem; flex-basis: 100%; }
.legend { display: flex; flex-wrap: wrap; gap: 0.125rem 1rem; margin-top: 0.25rem; font-size: 0.75rem; }
.legend li { display: flex; align-items: center; gap: 0.375rem; min-width: 0; overflow-wrap: anywhere; }
.legend svg { flex: none; }
.legend .value { min-width: 4.5em; color: var(--muted); white-space: nowrap; }
.numbers { margin-top: 0.25rem; font-size: 0.75rem; }
.numbers summary { font-weight: 500; color: var(--muted); }
.numbers .scroll { max-height: 16rem; margin-top: 0.25rem; border: 1px solid var(--line); border-radius: 6px; }
.numbers td, .numbers thead th:not(:first-child) { text-align: right; white-space: nowrap; }
.numbers tbody th { overflow-wrap: anywhere; }
.numbers .buttons { margin-top: 0.5rem; }
.uplot { font: inherit; }
`);
  document.adoptedStyleSheets.push(sheet);
}
