import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpdHandler } from '../httpd-conf/mount/handler-options.ts';
import { notFound, readFailure, respondWithFailure } from './error-page.ts';
import { printLogLine } from './log-line.ts';

/** Serves one request, and answers it where the configuration does not. `log`: is handed its line when it has ended. */
export function serveRequest(
  handler: HttpdHandler,
  req: IncomingMessage,
  res: ServerResponse,
  log: ((line: string) => void) | undefined,
): void {
  // Both change while it is served.
  const { url: target = '', headers } = req;
  const startedAt = performance.now();
  let failure: unknown;
  if (log) {
    res.once('close', () => {
      log(
        printLogLine({
          at: new Date(),
          method: req.method ?? '',
          host: headers.host,
          target,
          status: res.headersSent ? res.statusCode : undefined,
          durationMs: performance.now() - startedAt,
          facts: req.balancer,
          error: failure,
        }),
      );
    });
  }
  handler(req, res, (error) => {
    failure = error;
    respondWithFailure(req, res, error === undefined || error === null ? notFound : readFailure(error));
  });
}
