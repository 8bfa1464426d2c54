import type { ErrorRequestHandler } from 'express';
import { BalancerError } from 'express-proxy-balancer';
import { html } from '../site/html.ts';

/** What a client sees when no backend has answered. The balancer has set Retry-After, where it knows one. */
export const showBalancerError: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (!(error instanceof BalancerError) || res.headersSent) {
    next(error);
    return;
  }
  const retryAfter = res.getHeader('Retry-After');
  res.status(error.status).send(renderErrorPage(error, retryAfter?.toString()));
};

function renderErrorPage(
  { status, code, message, expose }: BalancerError,
  retryAfter: string | undefined,
): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${status}</title>
        <link rel="stylesheet" href="/static/style.css" />
      </head>
      <body>
        <p class="served front">Answered by the front: no backend did</p>
        <main>
          <h1>${status} ${status === 503 ? 'Nobody is there' : 'This did not work'}</h1>
          <p>${expose ? message : 'The site cannot answer this now.'} <small>${code}</small></p>
          ${retryAfter === undefined ? undefined : html`<p>Try again in ${retryAfter} seconds.</p>`}
        </main>
      </body>
    </html> `.html;
}
