import type { Request, RequestHandler, Response } from 'express';
import { writeLogLine } from './log-line.ts';

/** One line on the console for each request, when it is over; for a WebSocket, when that has ended. */
export const logRequests: RequestHandler = (req, res, next) => {
  const startedAt = performance.now();
  const log = (): void => {
    res.off('finish', log).off('close', log);
    req.socket.off('close', log);
    console.log(
      writeLogLine({
        method: req.method,
        path: readPath(req),
        status: statusOf(req, res),
        durationMs: performance.now() - startedAt,
        balancer: req.balancer,
      }),
    );
  };
  res.on('finish', log).on('close', log);
  // A connection that has been switched leaves its response behind, which hears of no end.
  if (req.headers.upgrade !== undefined) req.socket.on('close', log);
  next();
};

/** Without the query: the chat's has a secret in it. */
function readPath(req: Request): string {
  return req.originalUrl.replace(/\?.*/s, '').replace(/[^\x21-\x7e]/g, '?');
}

function statusOf(req: Request, res: Response): number | undefined {
  if (req.balancer?.attempts.at(-1)?.outcome === 'upgraded') return 101;
  return res.writableFinished ? res.statusCode : undefined;
}
