import type { BalancerReport } from '../survey/report.ts';
import { balancerGroups, newMemberFields } from './fields.ts';
import { isRefused, refusedValue, showForm, showGroups, showOption, showPlain, showReason } from './form.ts';
import { html, type Content, type Html } from './html.ts';
import type { Look } from './look.ts';

/** The forms of one balancer: a new member, and its settings. `id`: that of its part. */
export function showBalancerForms(look: Look, id: string, balancer: BalancerReport): Content {
  const [add, settings] = [`${id}/add`, `${id}/settings`];
  const hidden = { balancer: balancer.id };
  const name = html`<span class="unseen"> of ${balancer.id}</span>`;
  return [
    unfold(
      look,
      add,
      html`Add a member${name}`,
      showForm(look, { id: add, kind: 'add', hidden }, showAdd(look, add)),
    ),
    unfold(
      look,
      settings,
      html`Settings${name}`,
      showForm(look, { id: settings, kind: 'configure', hidden }, showSettings(look, settings, balancer)),
    ),
  ];
}

function unfold(look: Look, form: string, title: Html, content: Html): Html {
  return html`<details data-details="${form}/fold" ${isRefused(look, form) && html` open`}>
    <summary>${title}</summary>
    ${content}
  </details>`;
}

// httpd's begin disabled; ours serve at once unless one says otherwise.
const beginnings = [
  ['', 'Serves at once'],
  ['D', 'Disabled (D)'],
  ['N', 'Draining (N)'],
  ['H', 'Hot standby (H)'],
  ['R', 'Hot spare (R)'],
] as const;

function showAdd(look: Look, form: string): Content {
  const chosen = refusedValue(look, form, 'status') ?? '';
  return html`<div class="groups">
    <fieldset>
      <legend>Server</legend>
      ${showPlain(look, form, 'url', 'URL', 'http://app3.internal:3000/')}
      <label class="field"
        ><span>Begins</span>
        <select name="status">
          ${beginnings.map(
            ([letter, words]) =>
              html`<option value="${letter}" ${letter === chosen && html` selected`}>${words}</option>`,
          )}
        </select></label
      >
    </fieldset>
    <fieldset>
      <legend>Share and sessions</legend>
      ${newMemberFields.map((field) => showOption(look, form, field, undefined))}
    </fieldset>
    <fieldset class="change">
      <legend>This change</legend>
      ${showReason(look, form)}
      <div class="buttons"><button class="primary">Add member</button></div>
    </fieldset>
  </div>`;
}

function showSettings(look: Look, form: string, balancer: BalancerReport): Content {
  const { lbmethod, stickysession, nofailover, forcerecovery, maxattempts, timeout, options } = balancer;
  const now = {
    lbmethod,
    stickysession,
    nofailover,
    forcerecovery,
    maxattempts,
    timeout: timeout || undefined,
  };
  return html`<div class="groups">
    ${showGroups(look, form, balancerGroups, { ...now, ...options })}
    <fieldset class="change">
      <legend>This change</legend>
      ${showReason(look, form)}
      <div class="buttons"><button class="primary">Save settings</button></div>
    </fieldset>
  </div>`;
}
