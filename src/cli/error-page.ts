import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';

/** What a client is told instead of an answer. */
export type Failure = Readonly<{
  status: number;
  text: string;
  headers: Readonly<Record<string, string | readonly string[]>>;
}>;

/** Nobody serves the request. */
export const notFound: Failure = { status: 404, text: 'Nothing is served here.', headers: {} };

/** What of an error is for the client's eyes. */
export function readFailure(error: unknown): Failure {
  const { status, expose, message, headers } = (error ?? {}) as Partial<Record<string, unknown>>;
  const isStatus = typeof status === 'number' && Number.isInteger(status) && status >= 400 && status < 600;
  const code = isStatus ? status : 500;
  return {
    status: code,
    text: expose === true && typeof message === 'string' ? `${message}.` : textOf(code),
    // Only those of a BalancerError, which makes them.
    headers: isStatus && typeof headers === 'object' ? (headers as Failure['headers']) : {},
  };
}

function textOf(status: number): string {
  switch (status) {
    case 502:
      return 'The server behind this proxy has not answered properly.';
    case 503:
      return 'The service is not available at the moment.';
    case 504:
      return 'The server behind this proxy has not answered in time.';
    default:
      return 'The request could not be served.';
  }
}

/** Answers with a failure: as a page for who takes HTML, else as a line of text. What was begun is broken off. */
export function respondWithFailure(req: IncomingMessage, res: ServerResponse, failure: Failure): void {
  if (res.headersSent) {
    res.destroy();
    return;
  }
  const { status, text, headers } = failure;
  const title = `${status} ${STATUS_CODES[status] ?? 'Error'}`;
  const isHtml = (req.headers.accept ?? '').includes('text/html');
  const body = isHtml ? printPage(title, text) : `${title}\n${text}\n`;
  for (const [name, value] of Object.entries(headers)) {
    res.setHeader(name, typeof value === 'string' ? value : [...value]);
  }
  res.writeHead(status, {
    'Content-Type': `${isHtml ? 'text/html' : 'text/plain'}; charset=utf-8`,
    'Content-Length': Buffer.byteLength(body),
    'Content-Security-Policy': "default-src 'none'",
    'X-Content-Type-Options': 'nosniff',
  });
  res.end(body);
}

function printPage(title: string, text: string): string {
  return `<!doctype html>
<html lang="en">
<title>${escapeHtml(title)}</title>
<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(text)}</p>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
