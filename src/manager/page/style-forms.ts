/** Forms, and what unfolds them. */
export const formStyle = `
.tools { padding: 0 1rem 0.75rem; display: flex; flex-wrap: wrap; gap: 0.5rem 1.25rem; align-items: center; }
.tools:empty { display: none; }
.forms { display: grid; gap: 0.75rem; }
.form { padding: 0.75rem; background: var(--raised); border: 1px solid var(--soft); border-radius: 6px; }
.balancer-forms { border-top: 1px solid var(--line); }
.balancer-forms:empty { display: none; }
.balancer-forms > details { padding: 0.5rem 1rem; }
.balancer-forms > details + details { border-top: 1px solid var(--soft); }
.balancer-forms .form { margin: 0.5rem 0; }
.asking { margin: 0 1rem 1rem; display: flex; flex-wrap: wrap; gap: 0.625rem 0.75rem; align-items: end; }
.asking .field { flex: 1 1 12rem; }
.asking .field-path, .asking .field-cookie { flex-grow: 2; }
.groups { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(16rem, 100%), 1fr)); gap: 1rem 1.5rem; }
fieldset { margin: 0; padding: 0; border: 0; min-width: 0; display: grid; gap: 0.5rem; align-content: start; }
legend { padding: 0; margin-bottom: 0.375rem; font-weight: 650; }
:is(.quick fieldset, .change) { display: flex; flex-wrap: wrap; gap: 0.5rem 0.75rem; align-items: end; }
:is(.quick, .change) legend { float: left; width: 100%; }
.change { grid-column: 1 / -1; padding-top: 0.75rem; border-top: 1px solid var(--soft); }
:is(.quick, .change) .field { flex: 1 1 10rem; max-width: 18rem; }
.field { display: grid; gap: 0.1875rem; }
.field > span { font-size: 0.75rem; color: var(--muted); }
.field code, .check code { color: var(--muted); font-size: 0.6875rem; }
.check { display: flex; align-items: center; gap: 0.4375rem; }
input:not([type="checkbox"], [type="radio"]), select {
  width: 100%; min-width: 0; min-height: 2rem; padding: 0.25rem 0.5rem; font: inherit; color: var(--text); background: var(--field);
  border: 1px solid var(--field-line); border-radius: 6px;
}
input[type="checkbox"] { width: 1rem; height: 1rem; margin: 0; flex: none; accent-color: var(--primary); }
input::placeholder { color: var(--muted); opacity: 1; font-style: italic; }
input[aria-invalid="true"], select[aria-invalid="true"] { border-color: var(--bad); border-width: 2px; }
.buttons { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; }
button {
  min-height: 2rem; padding: 0.25rem 0.75rem; font: inherit; font-weight: 550; color: var(--text); background: var(--button);
  border: 1px solid var(--line); border-radius: 6px; cursor: pointer;
}
button:hover { background: var(--button-hover); }
button.primary { color: var(--on-primary); background: var(--primary); border-color: var(--primary); }
button.primary:hover { filter: brightness(1.1); }
button.danger { color: var(--bad); }
button.danger:hover { background: var(--bad-ground); border-color: var(--bad); }
.undo { display: inline; }
.undo button { min-height: 1.5rem; padding: 0 0.5rem; font-size: 0.75rem; }
@media (max-width: 45rem) { :is(.quick, .change) .field { flex-basis: 100%; max-width: none; } }
@media (pointer: coarse) {
  button, input:not([type="checkbox"]), select { min-height: 2.5rem; }
  .undo button { min-height: 2rem; }
  summary, .check { min-height: 2rem; align-items: center; }
}`;
