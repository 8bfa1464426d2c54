import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpdHandler } from '../httpd-conf/mount/handler-options.ts';
import { upgradeOf } from '../upgrade-request.ts';
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
    onceEnded(req, res, () => {
      log(
        printLogLine({
          at: new Date(),
          method: req.method ?? '',
          host: headers.host,
          target,
          status: res.headersSent ? res.statusCode : isSwitched(req) ? 101 : undefined,
          isWhole: res.writableFinished || isSwitched(req),
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

/** A connection that was switched has left its response behind. */
function onceEnded(req: IncomingMessage, res: ServerResponse, listener: () => void): void {
  const upgrade = upgradeOf(req);
  if (upgrade) upgrade.socket.once('close', listener);
  else res.once('close', listener);
}

function isSwitched(req: IncomingMessage): boolean {
  return upgradeOf(req) !== undefined && req.balancer?.attempts.at(-1)?.status === 101;
}
