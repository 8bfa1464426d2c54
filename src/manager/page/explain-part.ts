import type { Explanation } from '../../explain.ts';
import type { BalancerReport } from '../survey/report.ts';
import { refusedValue, showForm, showPlain } from './form.ts';
import { html, type Html } from './html.ts';
import type { Look } from './look.ts';
import type { Kind } from './state-words.ts';

/** Id of the form, and of its part. */
const explainForm = 'explain';

/** Asks where a request would go. Nothing is sent. */
export function showExplainForm(look: Look, balancers: readonly BalancerReport[]): Html {
  const chosen = refusedValue(look, explainForm, 'balancer');
  return html`<div data-part="${explainForm}">
    ${showForm(
      look,
      { id: explainForm, kind: 'explain', className: 'form asking' },
      html`<label class="field"
          ><span>Balancer</span>
          <select name="balancer">
            ${balancers.map(({ id }) => html`<option ${id === chosen && html` selected`}>${id}</option>`)}
          </select></label
        >
        ${showPlain(look, explainForm, 'path', 'Path', '/shop?item=1')}
        ${showPlain(look, explainForm, 'cookie', 'Cookies', 'sessionid=4711.app1; theme=dark')}
        <div class="buttons"><button>Explain</button></div>`,
    )}
  </div>`;
}

/** Where a request would go, and why not elsewhere. */
export function showExplanation(
  balancer: string,
  { member, text, sticky, route, members }: Explanation,
): Html {
  return html`<div class="explanation">
    <p>
      <span class="badge" data-kind="${member === undefined ? 'bad' : 'ok'}"
        >${member === undefined ? 'Nobody' : html`<bdi>${member}</bdi>`}</span
      >
      <bdi>${text}</bdi>
    </p>
    ${
      route !== undefined &&
      html`<p>
        Route <code><bdi>${route}</bdi></code
        >${sticky !== undefined && html`, found in <code><bdi>${sticky}</bdi></code>`}.
      </p>`
    }
    ${
      members.length > 0 &&
      html`<div class="scroll" role="region" aria-label="Why, of each member" tabindex="0">
        <table class="log">
          <caption>
            Members of ${balancer}
          </caption>
          <thead>
            <tr>
              <th scope="col">Member</th>
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            ${members.map(
              (each) =>
                html`<tr>
                  <th scope="row"><bdi>${each.name}</bdi></th>
                  <td>
                    <span class="badge" data-kind="${kindOf(each.why)}">${words[each.why]}</span>
                    <bdi>${each.text}</bdi>
                  </td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>`
    }
  </div>`;
}

type Why = Explanation['members'][number]['why'];

const words: Readonly<Record<Why, string>> = {
  route: 'Its session',
  redirect: 'Redirected to',
  method: 'Chosen',
  disabled: 'Disabled',
  stopped: 'Stopped',
  'health-check-failed': 'Health check failed',
  'in-error': 'In error',
  ejected: 'Ejected',
  'on-trial': 'On trial',
  draining: 'Draining',
  'higher-lbset': 'Higher set',
  spare: 'Hot spare',
  standby: 'Hot standby',
  full: 'Full',
  'bound-elsewhere': 'Bound elsewhere',
  'not-preferred': 'Not chosen',
};

function kindOf(why: Why): Kind {
  switch (why) {
    case 'route':
    case 'redirect':
    case 'method':
      return 'ok';
    case 'health-check-failed':
    case 'in-error':
    case 'ejected':
    case 'on-trial':
      return 'bad';
    case 'draining':
    case 'full':
      return 'warn';
    case 'disabled':
    case 'stopped':
      return 'off';
    case 'higher-lbset':
    case 'spare':
    case 'standby':
    case 'bound-elsewhere':
    case 'not-preferred':
      return 'info';
  }
}
