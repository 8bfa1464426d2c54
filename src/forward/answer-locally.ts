import type { IncomingMessage, ServerResponse } from 'node:http';

/** Fields that TRACE must not hand back (RFC 9110 9.3.8). */
const secret = new Set(['authorization', 'cookie', 'proxy-authorization']);

/** Answers a TRACE or OPTIONS whose Max-Forwards is used up: this hop is the one it was for (RFC 9110 7.6.2). */
export function answerLocally(req: IncomingMessage, res: ServerResponse): void {
  req.resume();
  if (req.method !== 'TRACE') {
    res.writeHead(204, { Allow: 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE' });
    res.end();
    return;
  }
  let message = `TRACE ${req.url ?? ''} HTTP/${req.httpVersion}\r\n`;
  for (let i = 0; i < req.rawHeaders.length; i += 2) {
    const name = req.rawHeaders[i]!;
    if (!secret.has(name.toLowerCase())) message += `${name}: ${req.rawHeaders[i + 1]!}\r\n`;
  }
  res.writeHead(200, { 'Content-Type': 'message/http', 'Cache-Control': 'no-store' });
  res.end(`${message}\r\n`, 'latin1');
}
