import type { Change } from '../../changes/change.ts';
import type { Decision } from '../survey/report.ts';
import { tellOutcome, tellReason } from './decision-words.ts';
import { changeStates, findMember, tellDeed } from './deed-words.ts';
import { formatMs, nothing } from './format.ts';
import { html, type Content, type Html } from './html.ts';
import { makeId } from './ids.ts';
import { showUndo } from './in-force.ts';
import type { Look } from './look.ts';
import { formatMoment } from './moment.ts';
import type { Kind } from './state-words.ts';

const shown = 20;

/** The last requests, or those of them that have failed over. `part`: id of the part. */
export function showDecisions(
  look: Look,
  part: 'decisions' | 'failovers',
  decisions: readonly Decision[],
): Html {
  const rows = decisions.slice(0, shown).map((decision) => showDecision(look, decision));
  return html`<tbody data-part="${part}">
    ${
      rows.length > 0
        ? rows
        : html`<tr>
            <td colspan="5" class="nothing">
              ${part === 'decisions' ? 'No request yet.' : 'No request has failed over.'}
            </td>
          </tr>`
    }
  </tbody>`;
}

function showDecision(look: Look, { at, balancer, method, path, status, error, ...rest }: Decision): Html {
  const { attempts, durationMs, waitedMs, route } = rest;
  const bound = route !== undefined && html` <span class="second">route <bdi>${route}</bdi></span>`;
  return html`<tr>
    <td>${showMoment(look, at)}</td>
    <th scope="row" class="request"><code>${method}</code> <bdi>${path}</bdi>${bound}</th>
    <td><bdi>${balancer}</bdi></td>
    <td class="attempts">
      ${
        attempts.length === 0
          ? nothing
          : html`<ol>
              ${attempts.map(
                (attempt) =>
                  html`<li>
                    <bdi>${attempt.member}</bdi>: ${tellOutcome(attempt)}, ${formatMs(attempt.durationMs)}
                    <span class="second">${tellReason(attempt)}</span>
                  </li>`,
              )}
            </ol>`
      }
    </td>
    <td class="ending">
      ${showStatus(status, error)}
      <span class="second">${formatMs(durationMs)}${waitedMs >= 1 && `, waited ${formatMs(waitedMs)}`}</span>
    </td>
  </tr>`;
}

function showStatus(status: number | undefined, error: string | undefined): Html {
  const kind: Kind =
    error !== undefined || (status ?? 0) >= 500
      ? 'bad'
      : status === undefined
        ? 'off'
        : status >= 400
          ? 'warn'
          : 'ok';
  return html`<span class="badge" data-kind="${kind}">${status ?? 'left'}</span>${
      error !== undefined && html` <code class="error-code">${error}</code>`
    }`;
}

/** One change in the log. */
export function showLogged(look: Look, change: Change): Html {
  const { id, at, by, deed, reason, until } = change;
  const part = makeId('c', id);
  const member = findMember(deed);
  return html`<tr id="${part}" data-part="${part}">
    <td>${showMoment(look, at)}</td>
    <td><bdi>${by}</bdi></td>
    <th scope="row">
      ${tellDeed(deed)}
      <span class="second"
        ><bdi>${member ?? deed.balancer}</bdi
        >${member !== undefined && html` of <bdi>${deed.balancer}</bdi>`}</span
      >
    </th>
    <td class="reason"><bdi>${reason ?? nothing}</bdi></td>
    <td>${showUntil(look, part, until)}</td>
    <td>${showState(change)}${showEnding(look, change)}</td>
    ${!look.viewer.isReadOnly && html`<td>${showUndo(look, change, 'log')}</td>`}
  </tr>`;
}

function showState({ state, waiting }: Change): Html {
  if (waiting === undefined)
    return html`<span class="badge" data-kind="${kinds[state]}">${changeStates[state]}</span>`;
  return html`<span class="badge" data-kind="warn">Waiting</span>
    <span class="second">in this process: <bdi>${waiting}</bdi></span>`;
}

const kinds: Readonly<Record<Change['state'], Kind>> = {
  'in-force': 'info',
  done: 'ok',
  undone: 'off',
  expired: 'off',
  lost: 'warn',
};

function showUntil(look: Look, part: string, until: number | undefined): Content {
  if (until === undefined) return nothing;
  return html`${showMoment(look, until)} ${look.cell(`${part}/rest`, 'second')}`;
}

function showEnding(look: Look, { ended }: Change): Html | undefined {
  if (!ended) return undefined;
  return html` <span class="second"
    >${showMoment(look, ended.at)}${ended.by !== undefined && html` by <bdi>${ended.by}</bdi>`}${
      ended.why !== undefined && html`: <bdi>${ended.why}</bdi>`
    }</span
  >`;
}

/** What stands where no change has been made. */
export function showNoChanges(look: Look): Html {
  return html`<tr data-part="no-changes">
    <td colspan="${look.viewer.isReadOnly ? 6 : 7}" class="nothing">Nothing has been changed here.</td>
  </tr>`;
}

function showMoment(look: Look, at: number): Html {
  return html`<time datetime="${new Date(at).toISOString()}">${formatMoment(at, look.now)}</time>`;
}
