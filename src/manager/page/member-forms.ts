import type { BalancerReport, MemberReport } from '../survey/report.ts';
import { handlerGroups, memberFlags, memberGroups } from './fields.ts';
import { showFlag, showForm, showGroups, showPlain, showReason } from './form.ts';
import { html, type Content, type Html } from './html.ts';
import type { Look } from './look.ts';

/** The ids of a member's forms. */
export function memberFormIds(member: string): readonly [quick: string, edit: string] {
  return [`${member}/quick`, `${member}/edit`];
}

/** The forms of one member. `id`: that of its part. */
export function showMemberForms(
  look: Look,
  id: string,
  balancer: BalancerReport,
  member: MemberReport,
): Html {
  if (look.refused) return buildMemberForms(look, id, balancer, member);
  // Most of the page is forms, and they are listed again each second: of hundreds of members, none of which has changed.
  const { name, status, loadfactor, lbset, route, redirect, max, isHandler, isFromDns, parameters } = member;
  const { base, token } = look.viewer;
  const told = [id, balancer.id, name, status, loadfactor, lbset, route, redirect, max, isHandler, isFromDns];
  const key = JSON.stringify([base, token, ...told]);
  const known = remembered.get(parameters);
  if (known?.key === key) return known.forms;
  const forms = buildMemberForms(look, id, balancer, member);
  remembered.set(parameters, { key, forms });
  return forms;
}

/** By the member's parameters, which are the same record for as long as its definition is. */
const remembered = new WeakMap<MemberReport['parameters'], Readonly<{ key: string; forms: Html }>>();

function buildMemberForms(look: Look, id: string, balancer: BalancerReport, member: MemberReport): Html {
  const [quick, edit] = memberFormIds(id);
  const hidden = { balancer: balancer.id, member: member.name };
  return html`<div class="forms">
    ${showForm(
      look,
      { id: quick, kind: 'drain', hidden, className: 'form quick' },
      showQuick(look, quick, member),
    )}
    ${showForm(look, { id: edit, kind: 'change', hidden }, showEdit(look, edit, member))}
  </div>`;
}

/** What one does in a hurry, each by a button. */
function showQuick(look: Look, form: string, { status, isFromDns }: MemberReport): Content {
  const { base } = look.viewer;
  // Without what it was: whoever presses a button means it.
  const turn = (name: string, to: 'on' | 'off', words: string): Html =>
    html`<button formaction="${base}/forms/change" name="${name}" value="${to}">${words}</button>`;
  const isDraining = status.includes('N');
  // HTML: Enter in a field presses the first button, and here that must be none of several.
  return html`<fieldset>
    <legend>Quick actions</legend>
    ${showReason(look, form)}
    ${!isDraining && showPlain(look, form, 'deadline', 'Drain for at most', 'any time; 10m')}
    <div class="buttons">
      <button disabled hidden></button>
      ${
        isDraining
          ? turn('drain', 'off', 'Stop draining')
          : html`<button formaction="${base}/forms/drain">Drain</button>`
      }
      ${status.includes('D') ? turn('disabled', 'off', 'Enable') : turn('disabled', 'on', 'Disable')}
      ${status.includes('E') && turn('inError', 'off', 'Try now')}
      ${!isFromDns && html`<button class="danger" formaction="${base}/forms/remove">Remove</button>`}
    </div>
  </fieldset>`;
}

function showEdit(look: Look, form: string, member: MemberReport): Content {
  const { loadfactor, lbset, route, redirect, max, parameters, isHandler, status } = member;
  const values = { ...parameters, loadfactor, lbset, route, redirect, max };
  return html`<div class="groups">
    ${showGroups(look, form, isHandler ? handlerGroups : memberGroups, values)}
    <fieldset>
      <legend>Flags</legend>
      ${memberFlags.map(({ letter, ...flag }) => showFlag(look, form, flag, status.includes(letter)))}
    </fieldset>
    <fieldset class="change">
      <legend>This change</legend>
      ${showReason(look, form)}
      <div class="buttons"><button class="primary">Save changes</button></div>
    </fieldset>
  </div>`;
}
