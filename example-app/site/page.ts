import { html, type Html } from './html.ts';
import type { Session } from './sessions.ts';
import type { Visit } from './visit.ts';

/** The frame of every page: who served it, the way around, what is on it. */
export function renderPage(visit: Visit, title: string, content: Html): string {
  const { root, session } = visit;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <link rel="icon" href="/static/logo.svg" />
        <link rel="stylesheet" href="/static/style.css" />
      </head>
      <body>
        <p class="served ${visit.backend}">
          Served by ${visit.backend} on ${visit.address}, ${describeBond(visit)}
        </p>
        <header>
          <a class="home" href="${root}"><img src="/static/logo.svg" alt="" width="32" height="32" />Forum</a>
          <nav>
            <a href="${root}posts">Your posts</a>
            <a href="${root}chat">Chat</a>
            ${session === undefined ? html`<a href="${root}login">Log in</a>` : renderLogOut(root, session)}
          </nav>
        </header>
        <main>
          ${visit.lostSessionOf === undefined ? undefined : renderLoss(visit.lostSessionOf, visit.backend)}
          <h1>${title}</h1>
          ${content}
        </main>
      </body>
    </html> `.html;
}

/** The session's token, to go with a form. */
export function renderToken(session: Session): Html {
  return html`<input type="hidden" name="token" value="${session.token}" />`;
}

function describeBond({ session, lostSessionOf }: Visit): string {
  if (session !== undefined) return 'sticky: your session lives here';
  return lostSessionOf === undefined ? 'not sticky: you have no session' : 'but your session is not here';
}

function renderLogOut(root: string, session: Session): Html {
  return html`<form method="post" action="${root}logout">
    ${renderToken(session)}<button>Log out ${session.user}</button>
  </form>`;
}

function renderLoss(lost: string, backend: string): Html {
  const where =
    lost === backend
      ? html`It lived in the memory of ${lost}, which has been started anew.`
      : html`It lived in the memory of ${lost}; this is ${backend}.`;
  return html`<p class="notice">Your session is lost: you are logged out. ${where}</p>`;
}
