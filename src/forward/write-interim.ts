import type { ServerResponse } from 'node:http';
import type { RawHeaders } from '../rewrite/headers.ts';
import type { Reply } from '../rewrite/rewrite-answer.ts';

/** What Node has from 24.18 on. */
type Informing = Readonly<{ writeInformation?: (status: number, headers: RawHeaders) => void }>;

/**
 * Passes on an interim answer (RFC 9110 15.2); false for clients of HTTP/1.0, and for what Node refuses. An older one has words
 * for 102 and for links alone.
 */
export function writeInterim(res: ServerResponse, httpVersion: string, reply: Reply): boolean {
  if (httpVersion === '1.0') return false;
  const informing: Informing = res;
  try {
    if (informing.writeInformation === undefined) return writeOldInterim(res, reply);
    informing.writeInformation(reply.status, reply.headers);
    return true;
  } catch {
    // Names, values and links that Node refuses: it is about an answer that comes anyway.
    return false;
  }
}

function writeOldInterim(res: ServerResponse, { status, headers }: Reply): boolean {
  if (status === 102) {
    res.writeProcessing();
    return true;
  }
  if (status !== 103) return false;
  // Without a prototype: names are the member's.
  const hints = Object.create(null) as Record<string, string | string[]>;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i]!.toLowerCase();
    const value = headers[i + 1]!;
    const known = hints[name];
    hints[name] = known === undefined ? value : [known, value].flat();
  }
  if (hints['link'] === undefined) return false;
  res.writeEarlyHints(hints);
  return true;
}
