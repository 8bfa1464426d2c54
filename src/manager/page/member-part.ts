import type { Change } from '../../changes/change.ts';
import type { BalancerReport, MemberReport } from '../survey/report.ts';
import { findMember } from './deed-words.ts';
import { isRefused } from './form.ts';
import { formatCount, formatSpan, nothing } from './format.ts';
import { html, type Html } from './html.ts';
import { makeId } from './ids.ts';
import { showInForce } from './in-force.ts';
import type { Look } from './look.ts';
import { memberFormIds, showMemberForms } from './member-forms.ts';

/** The columns of a balancer's members: class, head, what the head means in full. */
export const columns = [
  ['c-name', 'Member', undefined],
  ['c-state', 'State', undefined],
  ['c-route', 'Route', 'Route, and redirect'],
  ['c-factor', 'Factor', 'Load factor'],
  ['c-set', 'Set', 'Load balancer set'],
  ['c-elected', 'Elected', 'How often it was chosen'],
  ['c-busy', 'Busy', 'Requests under way'],
  ['c-rate', 'Per s', 'Attempts a second, of the last ten seconds'],
  ['c-to', 'To', 'Bytes sent to it'],
  ['c-from', 'From', 'Bytes received from it'],
  ['c-errors', 'Errors', 'Failures and bad answers'],
  ['c-p50', 'p50', 'Half of the answers of the last minute were quicker'],
  ['c-p95', 'p95', '95 % of the answers of the last minute were quicker'],
  ['c-p99', 'p99', '99 % of the answers of the last minute were quicker'],
  ['c-health', 'Health', 'Health checks in a row'],
  ['c-sessions', 'Sessions', 'Bound to it, seen in the last half hour'],
] as const;

/** Columns that other processes add nothing to. */
const ofOneProcess: ReadonlySet<string> = new Set([
  'c-rate',
  'c-p50',
  'c-p95',
  'c-p99',
  'c-health',
  'c-sessions',
]);

/** What a column's head means in full; where a balancer is shared, also whose figures they are. */
export function explainColumn(
  [className, , title]: (typeof columns)[number],
  isShared: boolean,
): string | undefined {
  return isShared && title !== undefined && ofOneProcess.has(className) ? `${title}; in this process` : title;
}

/** One member: its row, and what unfolds beneath it. `changes`: those in force on its balancer. */
export function showMember(
  look: Look,
  balancer: BalancerReport,
  member: MemberReport,
  changes: readonly Change[],
): Html {
  const id = makeId('m', balancer.id, member.name);
  const own = changes.filter(({ deed }) => deed.kind !== 'remove' && findMember(deed) === member.name);
  const isOpen = memberFormIds(id).some((form) => isRefused(look, form));
  const notes = showInForce(look, own);
  return html`<tbody id="${id}" data-part="${id}" data-member="${member.name}" class="member">
    <tr>
      ${showRow(look, id, member, isOpen)}
    </tr>
    ${
      notes &&
      html`<tr class="notes">
        <td colspan="${columns.length}"><div class="beneath">${notes}</div></td>
      </tr>`
    }
    <tr class="panel">
      <td colspan="${columns.length}">
        <div class="beneath">
          ${showCharts(balancer, member)} ${showFigures(look, id, member)}
          ${!look.viewer.isReadOnly && showMemberForms(look, id, balancer, member)}
        </div>
      </td>
    </tr>
  </tbody>`;
}

function showRow(look: Look, id: string, member: MemberReport, isOpen: boolean): Html {
  const cell = (name: string): Html => look.cell(`${id}/${name}`);
  const { route, redirect, loadfactor, lbset, health } = member;
  return html`<th scope="row" class="c-name">
      <details data-details="${id}" ${isOpen && html` open`}>
        <summary><bdi>${member.name}</bdi></summary>
      </details>
      ${showUrl(member)}
    </th>
    <td class="c-state">
      ${look.cell(`${id}/state`, 'badge')}<span class="second"
        >${look.cell(`${id}/letters`, 'letters')}${cell('retry')}</span
      >
    </td>
    <td class="c-route">
      <bdi>${route ?? nothing}</bdi> ${
        redirect !== undefined &&
        html`<span class="second"><span class="unseen">redirects to</span> → <bdi>${redirect}</bdi></span>`
      }
    </td>
    <td class="c-factor">${formatCount(loadfactor)}</td>
    <td class="c-set">${lbset}</td>
    ${moving.map((name) => html`<td class="c-${name}">${cell(cellOf[name] ?? name)}</td>`)}
    <td class="c-health">
      ${health === undefined ? html`<span data-kind="none">${nothing}</span>` : cell('health')}
    </td>
    <td class="c-sessions">${cell('sessions')}</td>`;
}

const moving = ['elected', 'busy', 'rate', 'to', 'from', 'errors', 'p50', 'p95', 'p99'] as const;
const cellOf: Readonly<Partial<Record<(typeof moving)[number], string>>> = { to: 'sent', from: 'received' };

/** Where it is; a link only where a browser would ask a server, and not run anything. */
function showUrl({ url, name, isHandler }: MemberReport): Html | undefined {
  if (url === name) return undefined;
  if (isHandler) return html`<span class="url">a function of the app</span>`;
  if (/^https?:\/\//i.test(url))
    return html`<a class="url" href="${url}" rel="noreferrer noopener" target="_blank"
      >${url}<span class="unseen"> (in a new tab)</span></a
    >`;
  return html`<span class="url">${url}</span>`;
}

/** Two places for charts; the script draws them while this member is unfolded. */
function showCharts({ id, sharing }: BalancerReport, { name }: MemberReport): Html {
  const where = sharing ? ' in this process' : '';
  return html`<div class="charts">
    ${showChart(id, 'rate', `Requests a second of ${name}${where}`, name)}
    ${showChart(id, 'p95', `Response time of ${name}${where}, in milliseconds`, name)}
  </div>`;
}

/** One place for a chart. What it shows stands in figures too, for those who do not see it. */
export function showChart(balancer: string, what: 'rate' | 'p95', title: string, member?: string): Html {
  return html`<figure class="chart">
    <figcaption>${title}<span class="unseen">; the figures stand in the table</span></figcaption>
    <div
      class="plot"
      data-chart="${balancer}"
      data-measure="${what}"
      ${member !== undefined && html` data-chart-member="${member}"`}
    ></div>
  </figure>`;
}

function showFigures(look: Look, id: string, member: MemberReport): Html {
  const cell = (name: string): Html => look.cell(`${id}/${name}`);
  const { health } = member;
  const figures: readonly (readonly [string, Html | string])[] = [
    ['Bytes to it', cell('sentExactly')],
    ['Bytes from it', cell('receivedExactly')],
    ['Mean response time', cell('mean')],
    ['Credit (lbstatus)', cell('lbstatus')],
    ['Trials in error', cell('retries')],
    ...(health ? listHealth(health, cell('lastCheck')) : []),
  ];
  return html`<dl class="figures">
    ${figures.map(
      ([what, value]) =>
        html`<div>
          <dt>${what}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

function listHealth(
  { method, uri, intervalMs, passes, fails }: NonNullable<MemberReport['health']>,
  last: Html,
): readonly (readonly [string, Html | string])[] {
  return [
    ['Health check', `${method}${uri === undefined ? '' : ` ${uri}`} every ${formatSpan(intervalMs)}`],
    ['Up after, down after', `${passes} passed, ${fails} failed`],
    ['Last check', last],
  ];
}
