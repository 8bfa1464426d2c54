import type { Change } from '../../changes/change.ts';
import { tellDeadline, tellInForce } from './deed-words.ts';
import { showForm } from './form.ts';
import { html, type Html } from './html.ts';
import { makeId } from './ids.ts';
import type { Look } from './look.ts';

/** The changes in force on one thing, each with who, why, how long yet, and a button to undo it. */
export function showInForce(look: Look, changes: readonly Change[]): Html | undefined {
  if (changes.length === 0) return undefined;
  return html`<ul class="in-force">
    ${changes.map((change) => html`<li>${showChange(look, change)} ${showUndo(look, change, 'note')}</li>`)}
  </ul>`;
}

function showChange(look: Look, change: Change): Html {
  const { id, until, reason } = change;
  const rest = until !== undefined && html` ${look.cell(`${makeId('c', id)}/rest`)}`;
  const deadline = tellDeadline(change, look.now);
  return html`<span
    >${tellInForce(change)}${rest}${deadline !== undefined && `, ${deadline}`}${
      reason !== undefined && html`: <bdi>${reason}</bdi>`
    }</span
  >`;
}

/** The button that takes a change back; `place` tells the two apart that one change may have. */
export function showUndo(look: Look, change: Change, place: 'log' | 'note'): Html | undefined {
  const { id, state } = change;
  if (look.viewer.isReadOnly || state !== 'in-force') return undefined;
  const form = `${makeId('c', id)}/undo-${place}`;
  const content = html`<button>Undo<span class="unseen">: ${tellInForce(change)}</span></button>`;
  return showForm(look, { id: form, kind: 'undo', hidden: { id }, className: 'undo' }, content);
}
