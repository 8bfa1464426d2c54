import type { ToldError } from '../answers.ts';
import { DefinitionError } from '../../definition/problem.ts';
import type { Report } from '../survey/report.ts';
import { listCells } from './cells.ts';
import { html, printHtml, type Content, type Html } from './html.ts';
import { showCell, type Look, type Refused, type Viewer } from './look.ts';
import { ownZone } from './moment.ts';
import { describeParts } from './parts.ts';

/** What a page tells besides how things are. */
export type Page = Readonly<{
  title: string;
  user: string;
  viewer: Viewer;
  report: Report;
  /** What became of a form. */
  message?: string | undefined;
  /** What is wrong. */
  error?: ToldError | undefined;
  refused?: Refused | undefined;
  /** Where a request would go. */
  explanation?: Html | undefined;
}>;

/** The whole page. */
export function showPage(page: Page): string {
  const { title, user, viewer, report } = page;
  const look = createLook(page);
  const { base } = viewer;
  const markup = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <title>${page.error !== undefined && 'Error: '}${title}</title>
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta name="robots" content="noindex" />
      <link rel="icon" href="data:," />
      <link rel="stylesheet" href="${base}/assets/uplot.css" />
      <link rel="stylesheet" href="${base}/assets/manager.css" />
      <script type="module" src="${base}/assets/main.js"></script>
    </head>
    <body data-base="${base}">
      <a class="skip" href="#main">Skip to the balancers</a>
      <header class="top">
        <h1>${title}</h1>
        <p class="who">
          <span><bdi>${user}</bdi>${viewer.isReadOnly && ' (read only)'}</span>
          <span>As of ${look.cell('page/at')}</span>
          <noscript><a href="${base}/">Reload</a></noscript>
        </p>
      </header>
      <p class="connection" id="connection" hidden></p>
      <nav class="links" aria-label="Balancers">
        <ul data-list="links">
          ${look.list('links')}
        </ul>
      </nav>
      <main id="main" tabindex="-1">
        <div id="messages">${showMessages(page)}</div>
        <div class="unseen" id="announcer" role="status" aria-live="polite"></div>
        <div data-list="balancers">${look.list('balancers')}</div>
        ${report.balancers.length === 0 && html`<p class="nothing">There is no balancer.</p>`}
        ${showQuestion(page, look)} ${showLogs(look, report)}
      </main>
      <footer>
        <p>Times are those of ${ownZone}. Whatever is done here is <a href="#changes">logged</a>.</p>
      </footer>
    </body>
  </html>`;
  return `<!doctype html>\n${printHtml(markup)}\n`;
}

function createLook({ viewer, report, refused }: Page): Look {
  const cells = listCells(report);
  const parts = Map.groupBy(describeParts(report), ({ list }) => list);
  const look: Look = {
    viewer,
    now: report.at,
    refused,
    cell: (id, className) => showCell(id, className, cells.get(id)),
    list: (id) => (parts.get(id) ?? []).map(({ show }) => show(look)),
  };
  return look;
}

function showMessages({ message, error, refused, explanation }: Page): Content {
  if (error) return showError(error, refused?.form);
  if (explanation) return html`<p class="message" role="status"><a href="#explain">To the answer</a></p>`;
  return message !== undefined && html`<p class="message" role="status">${message}</p>`;
}

/** `form`: id of the one that was refused, which may stand far below. */
function showError(error: ToldError, form: string | undefined): Html {
  const problems = error instanceof DefinitionError ? error.problems : [];
  // The sentence without the problems, which stand in the list.
  const [sentence = ''] = error.message.split('\n', 1);
  return html`<div class="error" role="alert">
    <p>${sentence}</p>
    ${
      problems.length > 0 &&
      html`<ul>
        ${problems.map(
          ({ path, given, problem, advice }) =>
            html`<li><code>${path}</code> is ${given}: ${problem}; ${advice}</li>`,
        )}
      </ul>`
    }
    ${form !== undefined && form !== '' && html`<p><a href="#${form}">To the form</a></p>`}
    <p class="code"><code>${error.code}</code></p>
  </div>`;
}

function showQuestion({ explanation }: Page, look: Look): Html {
  return html`<section class="question" aria-labelledby="explain/name">
    <h2 id="explain/name">Where would this request go?</h2>
    <p>
      If it comes to this balancer: what the app does before, mounts and exclusions among it, is not looked
      at.
    </p>
    <div data-list="explain">${look.list('explain')}</div>
    <div data-explanation aria-live="polite">${explanation}</div>
  </section>`;
}

function showLogs(look: Look, { persists, balancers }: Report): Content {
  const requests = ['Time', 'Request', 'Balancer', 'Tried', 'Ended'];
  const whose = balancers.some(({ sharing }) => sharing) ? 'Of this process.' : undefined;
  const changes = ['Time', 'Who', 'What', 'Why', 'Until', 'State'];
  return [
    showLog('failovers', 'Last failovers', requests, look.list('failovers'), whose),
    showLog('decisions', 'Last decisions', requests, look.list('decisions'), whose),
    showLog(
      'changes',
      'Changes',
      look.viewer.isReadOnly ? changes : [...changes, 'Undo'],
      html`<tbody data-list="changes">
        ${look.list('changes')}
      </tbody>`,
      tellKept(balancers, persists),
    ),
  ];
}

/** Where changes are over a restart of this process. */
function tellKept(balancers: Report['balancers'], persists: boolean): string {
  const shared = balancers.filter(({ sharing }) => sharing && sharing.state !== 'refused');
  const app = persists ? 'Changes are kept by the app.' : 'Changes are lost at the next restart.';
  if (shared.length === 0) return app;
  if (shared.length === balancers.length) return 'Changes are kept in the state that is shared.';
  return `${app.slice(0, -1)}; those of balancers that share a state are kept there.`;
}

/** A table of what has happened; the rows of changes are parts, those of the others one part together. */
function showLog(id: string, title: string, heads: readonly string[], rows: Content, note?: string): Html {
  return html`<section class="history" id="${id}" aria-labelledby="${id}/name">
    <h2 id="${id}/name">${title}</h2>
    ${note !== undefined && html`<p class="second">${note}</p>`}
    <div class="scroll" role="region" aria-label="${title}: table" tabindex="0">
      <table class="log log-${id}" ${id !== 'changes' && html` data-list="${id}"`}>
        <caption class="unseen">
          ${title}, the newest first
        </caption>
        <thead>
          <tr>
            ${heads.map((head) => html`<th scope="col">${head}</th>`)}
          </tr>
        </thead>
        ${rows}
      </table>
    </div>
  </section>`;
}
