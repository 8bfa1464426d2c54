import { colours } from './style-colours.ts';
import { formStyle } from './style-forms.ts';
import { tableStyle } from './style-tables.ts';

/** The page's style sheet, as a text: so it is wherever the compiled source is. */
export const styleSheet = `${colours}
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
html { scroll-padding-top: 4rem; -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--ground); color: var(--text);
  font: 0.875rem/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums;
}
code, .url, .letters { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; font-size: 0.92em; }
a { color: var(--link); text-underline-offset: 0.15em; }
h1, h2, p, ul, ol, dl, dd, figure { margin: 0; padding: 0; }
ul, ol { list-style: none; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; border-radius: 3px; }
main:focus { outline: none; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: 1rem; top: -4rem; z-index: 9; padding: 0.5rem 1rem; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; }
.skip:focus { top: 0.5rem; }

.top {
  display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem; align-items: baseline; justify-content: space-between;
  padding: 0.75rem clamp(0.75rem, 2vw, 2rem); background: var(--panel); border-bottom: 1px solid var(--line);
}
.top h1 { font-size: 1.125rem; font-weight: 650; }
.who { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; color: var(--muted); }
main, footer { max-width: 110rem; margin: 0 auto; padding: 1rem clamp(0.75rem, 2vw, 2rem); }
footer { color: var(--muted); }
.links { padding: 0.625rem clamp(0.75rem, 2vw, 2rem) 0; max-width: 110rem; margin: 0 auto; }
.links ul { display: flex; flex-wrap: wrap; gap: 0.5rem 1.25rem; }
.links li { display: flex; gap: 0.5rem; align-items: center; }
.links a { font-weight: 600; text-decoration: none; }
.links a:hover { text-decoration: underline; }
.links:has(li:only-child) { display: none; }

.message, .error, .connection { padding: 0.625rem 0.875rem; margin-bottom: 1rem; border: 1px solid; border-left-width: 4px; border-radius: 6px; }
.message { color: var(--ok); background: var(--ok-ground); border-color: var(--ok); }
.error { color: var(--text); background: var(--bad-ground); border-color: var(--bad); }
.error > p:first-child { font-weight: 600; color: var(--bad); }
.error ul { margin: 0.375rem 0 0 1.125rem; list-style: disc; }
.error .code { margin-top: 0.375rem; color: var(--muted); }
.connection { margin: 0; border-radius: 0; color: var(--warn); background: var(--warn-ground); border-color: var(--warn); position: sticky; top: 0; z-index: 5; }
.message:focus-visible, .error:focus-visible { outline-offset: 2px; }

.balancer, .question, .history {
  margin-bottom: 1.25rem; background: var(--panel); border: 1px solid var(--line); border-radius: 8px;
}
.head { padding: 0.875rem 1rem 0.75rem; }
h2 { font-size: 1rem; font-weight: 650; overflow-wrap: anywhere; }
.head h2 { display: flex; flex-wrap: wrap; align-items: center; gap: 0.375rem 0.75rem; }
.paths { font-weight: 400; color: var(--muted); }
.sharing { margin-top: 0.375rem; font-size: 0.8125rem; overflow-wrap: anywhere; }
.sharing [data-kind="warn"] { color: var(--warn); font-weight: 600; }
.sharing [data-kind="bad"] { color: var(--bad); font-weight: 600; }
.question > h2, .history > h2 { padding: 0.75rem 1rem; }
.question > p { padding: 0 1rem 0.75rem; }
.history > p { margin-top: -0.25rem; padding: 0 1rem 0.75rem; }
.facts { display: flex; flex-wrap: wrap; gap: 0.5rem 1.75rem; margin-top: 0.75rem; }
.facts dt, .figures dt { font-size: 0.75rem; color: var(--muted); }
.facts dd { font-weight: 600; overflow-wrap: anywhere; min-width: 3.5rem; }
.facts code { font-weight: 500; }

.badge {
  display: inline-flex; align-items: center; gap: 0.3em; padding: 0.0625rem 0.5rem; border: 1px solid transparent; border-radius: 1rem;
  font-size: 0.75rem; font-weight: 600; line-height: 1.4; color: var(--off); background: var(--off-ground); max-width: 100%; overflow-wrap: anywhere;
}
.badge::before { content: "\\2022"; content: "\\2022" / ""; font-weight: 700; }
.badge:empty { visibility: hidden; }
.badge[data-kind="ok"] { color: var(--ok); background: var(--ok-ground); }
.badge[data-kind="ok"]::before { content: "\\2713"; content: "\\2713" / ""; }
.badge[data-kind="info"] { color: var(--info); background: var(--info-ground); }
.badge[data-kind="info"]::before { content: "\\25c7"; content: "\\25c7" / ""; }
.badge[data-kind="warn"] { color: var(--warn); background: var(--warn-ground); }
.badge[data-kind="warn"]::before { content: "\\25b2"; content: "\\25b2" / ""; font-size: 0.75em; }
.badge[data-kind="bad"] { color: var(--bad); background: var(--bad-ground); }
.badge[data-kind="bad"]::before { content: "\\2715"; content: "\\2715" / ""; }
.badge[data-kind="off"]::before { content: "\\25a0"; content: "\\25a0" / ""; font-size: 0.75em; }
[data-kind="none"] { color: var(--muted); }
dd > [data-kind="warn"], td > [data-kind="warn"]:not(.badge) { color: var(--warn); font-weight: 600; }
dd > [data-kind="bad"], td > [data-kind="bad"]:not(.badge) { color: var(--bad); font-weight: 600; }
.second { display: block; font-size: 0.75rem; font-weight: 400; color: var(--muted); overflow-wrap: anywhere; }
.nothing { color: var(--muted); }

.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr)); gap: 0.5rem 1.5rem; padding: 0 1rem 0.75rem; }
.chart { min-width: 0; }
.chart figcaption { font-size: 0.75rem; color: var(--muted); margin-bottom: 0.25rem; }
.plot { min-height: 10rem; }
.panel .plot { min-height: 8rem; }
@media (scripting: none) { .charts { display: none; } }

.in-force { margin-top: 0.625rem; }
.beneath > .in-force { margin: 0; }
.in-force li { display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 0.75rem; padding: 0.125rem 0; overflow-wrap: anywhere; }
.in-force li::before { content: "\\21b3"; content: "\\21b3" / ""; color: var(--muted); }
.figures { display: flex; flex-wrap: wrap; gap: 0.5rem 2rem; margin: 0.5rem 0 0.875rem; }
.figures dd { overflow-wrap: anywhere; }
${tableStyle}
${formStyle}
@media (prefers-reduced-motion: no-preference) {
  .badge { transition: color 0.2s, background-color 0.2s; }
}
@media (forced-colors: active) {
  .badge { border-color: currentcolor; }
  .message, .error, .connection { border-color: CanvasText; }
}
@media print {
  .forms, .balancer-forms, .tools, .question, .skip, form { display: none; }
}
`;
