// What the script of the page finds in it:
//   data-list="LIST"         children with data-part are the list's parts, after whatever else stands in it
//   data-part="ID"           a part; replaced as a whole by another one of this id; may hold lists, which stay empty in it
//   data-cell="ID"           a text that moves, with data-kind="KIND" where it has one; a member's state is the cell ID/state
//   data-details="ID"        a <details> that is to stay as open as it was; in a member's row it unfolds the row .panel beneath
//   data-chart="BALANCER"    place of a chart, with data-measure="rate" or "p95", and data-chart-member="NAME" for one member's
//   data-balancer="BALANCER" the section of a balancer; data-member="NAME": the <tbody> of a member
//   data-tools="ID"          place for a filter and the like, one a balancer
//   data-explanation         place of the answer to "Where would this request go?"
//   #messages                place for what became of a form: p.message with role="status", or .error with role="alert"
//   #announcer               polite live region, never seen
//   #connection              hidden paragraph for the state of the connection
// Forms are posted to BASE/forms/KIND, that of the button if it has a formaction. With `Accept: application/json` they are
// answered with { "done": code, "message": text, "at": id of an element }, the one to explain with { "html": text } for
// data-explanation, and what is wrong with the error as the API gives it. The field `form` of a form is its own id.
// Names in attributes are the names themselves; ids are made by makeId.
import type { Change } from '../../changes/change.ts';
import type { Report } from '../survey/report.ts';
import { showBalancer, showBalancerFormsPart, showHead } from './balancer-part.ts';
import { showExplainForm } from './explain-part.ts';
import { html, type Html } from './html.ts';
import { makeId } from './ids.ts';
import { showDecisions, showLogged, showNoChanges } from './log-parts.ts';
import type { Look } from './look.ts';
import { showMember } from './member-part.ts';

/** A piece of the page's structure. */
export type Part = Readonly<{
  id: string;
  /** Id of the list that it stands in. */
  list: string;
  show: (look: Look) => Html;
}>;

/** The ids of the parts of each list, in their order; lists before those that stand in their parts. */
export function listOrder(report: Report): ReadonlyMap<string, readonly string[]> {
  // A list that nothing is left of is told too.
  const order = new Map<string, string[]>(pageLists.map((list) => [list, []]));
  for (const { id, list } of describeParts(report)) {
    const ids = order.get(list);
    if (ids) ids.push(id);
    else order.set(list, [id]);
  }
  return order;
}

const pageLists = ['links', 'balancers', 'explain', 'failovers', 'decisions', 'changes'] as const;

/** Every part of the page. */
export function describeParts(report: Report): readonly Part[] {
  const { balancers, decisions, failovers, changes } = report;
  const inForce = Map.groupBy(
    changes.filter(({ state }) => state === 'in-force'),
    ({ deed }) => deed.balancer,
  );
  return [
    ...balancers.map(({ id }) => describeLink(id)),
    ...balancers.flatMap((balancer) => describeBalancer(balancer, inForce.get(balancer.id) ?? [])),
    { id: 'explain', list: 'explain', show: (look) => showExplainForm(look, balancers) },
    { id: 'failovers', list: 'failovers', show: (look) => showDecisions(look, 'failovers', failovers) },
    { id: 'decisions', list: 'decisions', show: (look) => showDecisions(look, 'decisions', decisions) },
    ...describeChanges(changes),
  ];
}

function describeLink(balancer: string): Part {
  const id = makeId('n', balancer);
  return {
    id,
    list: 'links',
    show: (look) =>
      html`<li data-part="${id}">
        <a href="#${makeId('b', balancer)}"><bdi>${balancer}</bdi></a> ${look.cell(`${id}/state`, 'badge')}
      </li>`,
  };
}

function describeBalancer(
  balancer: Report['balancers'][number],
  changes: readonly Change[],
): readonly Part[] {
  const id = makeId('b', balancer.id);
  const part = (own: string, list: string, show: Part['show']): Part => ({ id: own, list, show });
  return [
    part(id, 'balancers', (look) => showBalancer(look, balancer)),
    part(`${id}/head`, `${id}/head`, (look) => showHead(look, balancer, changes)),
    ...balancer.members.map((member) =>
      part(makeId('m', balancer.id, member.name), `${id}/members`, (look) =>
        showMember(look, balancer, member, changes),
      ),
    ),
    part(`${id}/forms`, `${id}/forms`, (look) => showBalancerFormsPart(look, balancer)),
  ];
}

function describeChanges(changes: readonly Change[]): readonly Part[] {
  if (changes.length === 0) return [{ id: 'no-changes', list: 'changes', show: showNoChanges }];
  return changes.map((change) => ({
    id: makeId('c', change.id),
    list: 'changes',
    show: (look) => showLogged(look, change),
  }));
}
