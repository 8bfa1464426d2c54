import { STATUS_CODES, type ServerResponse } from 'node:http';

/** Answers what nobody behind us answers: an error's status, or 404. */
export function answerPlainly(res: ServerResponse, error: unknown): void {
  if (res.headersSent) {
    // Half an answer must not look whole.
    res.destroy();
    return;
  }
  const status = error === undefined ? 404 : statusOf(error);
  res.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' });
  res.end(`${STATUS_CODES[status] ?? String(status)}\n`);
}

function statusOf(error: unknown): number {
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
  return typeof status === 'number' && status >= 400 && status <= 599 ? status : 500;
}
