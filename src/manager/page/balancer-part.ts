import type { Change } from '../../changes/change.ts';
import type { BalancerReport } from '../survey/report.ts';
import { showBalancerForms } from './balancer-forms.ts';
import { formatSpan } from './format.ts';
import { html, type Content, type Html } from './html.ts';
import { makeId } from './ids.ts';
import { showInForce } from './in-force.ts';
import { columns, explainColumn, showChart } from './member-part.ts';
import type { Look } from './look.ts';

/** One balancer: the places for what is told of it, which are parts of their own. */
export function showBalancer(look: Look, { id: name, sharing }: BalancerReport): Html {
  const id = makeId('b', name);
  const where = sharing ? ' in this process' : '';
  return html`<section
    id="${id}"
    data-part="${id}"
    data-balancer="${name}"
    class="balancer"
    aria-labelledby="${id}/name"
  >
    <div data-list="${id}/head">${look.list(`${id}/head`)}</div>
    <div class="charts">
      ${showChart(name, 'rate', `Requests a second${where}`)}
      ${showChart(name, 'p95', `Response time (p95)${where}, in milliseconds`)}
    </div>
    <div class="tools" data-tools="${id}"></div>
    <div class="scroll" role="region" aria-label="Members of ${name}" tabindex="0">
      <table class="members" data-list="${id}/members">
        <caption class="unseen">
          Members of ${name}. The name of each unfolds its figures and forms.
        </caption>
        <colgroup>
          ${columns.map(([className]) => html`<col class="${className}" />`)}
        </colgroup>
        <thead>
          <tr>
            ${columns.map((column) => showColumnHead(column, sharing !== undefined))}
          </tr>
        </thead>
        ${look.list(`${id}/members`)}
      </table>
    </div>
    <div data-list="${id}/forms">${look.list(`${id}/forms`)}</div>
  </section>`;
}

function showColumnHead(column: (typeof columns)[number], isShared: boolean): Html {
  const [className, head] = column;
  const title = explainColumn(column, isShared);
  return html`<th scope="col" class="${className}" ${title !== undefined && html` title="${title}"`}>
    ${head}
  </th>`;
}

/** What is told of a balancer as a whole. */
export function showHead(look: Look, balancer: BalancerReport, changes: readonly Change[]): Html {
  const { id: name, paths } = balancer;
  const id = makeId('b', name);
  const own = changes.filter(({ deed }) => deed.kind === 'configure' || deed.kind === 'remove');
  return html`<div data-part="${id}/head" class="head">
    <h2 id="${id}/name">
      <bdi>${name}</bdi> ${look.cell(`${id}/members`, 'badge')}
      <span class="paths">${paths.length === 0 ? 'no request yet' : showPaths(paths)}</span>
    </h2>
    ${balancer.sharing && showSharing(look, id)}
    <dl class="facts">
      ${listFacts(look, id, balancer).map(
        ([what, value]) =>
          html`<div>
            <dt>${what}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
    ${showInForce(look, own)}
  </div>`;
}

/** How it stands to other processes, and whose figures are shown. */
function showSharing(look: Look, id: string): Html {
  return html`<p class="sharing">${look.cell(`${id}/sharing`)}</p>
    <p class="second">
      ${look.cell(`${id}/counted`)} Rates, response times, sessions, charts and the last requests are of this
      process alone.
    </p>`;
}

function showPaths(paths: readonly string[]): Content {
  return paths.map((path, i) => html`${i > 0 && ' '}<code><bdi>${path}</bdi></code>`);
}

function listFacts(
  look: Look,
  id: string,
  balancer: BalancerReport,
): readonly (readonly [string, Content])[] {
  const cell = (name: string): Html => look.cell(`${id}/${name}`);
  const { lbmethod, stickysession, routeCookie, nofailover, timeout, maxattempts, forcerecovery } = balancer;
  return [
    [balancer.sharing ? 'Requests a second, here' : 'Requests a second', cell('rate')],
    ['Under way', cell('inFlight')],
    ['Waiting', cell('waiting')],
    ['Requests', cell('requests')],
    ['Errors', cell('errors')],
    ['Method', html`<code>${lbmethod}</code>`],
    ['Sticky', tellSticky(stickysession, routeCookie)],
    ['Failover', nofailover ? 'not of sessions' : (maxattempts ?? 'each other once')],
    ['Wait for a member', timeout === 0 ? 'no' : formatSpan(timeout * 1000)],
    ['Forced recovery', forcerecovery ? 'on' : 'off'],
  ];
}

function tellSticky(stickysession: string | undefined, routeCookie: string | undefined): Content {
  if (stickysession === undefined && routeCookie === undefined) return 'no';
  return [stickysession, routeCookie]
    .filter((name) => name !== undefined)
    .map((name, i) => html`${i > 0 && ' '}<code><bdi>${name}</bdi></code>`);
}

/** The forms of a balancer. */
export function showBalancerFormsPart(look: Look, balancer: BalancerReport): Html {
  const id = makeId('b', balancer.id);
  return html`<div data-part="${id}/forms" class="balancer-forms">
    ${!look.viewer.isReadOnly && showBalancerForms(look, id, balancer)}
  </div>`;
}
