import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import type { Outbound } from '../sender.ts';
import { attemptOf, type HpmAttempt } from './attempt.ts';
import { spellHeaders, type JoinedHeaders } from './head.ts';
import { framingOf, type RequestOwner } from './request.ts';

/** The connection of a client that nobody looks at: httpxy asks only whether it is open. */
const someSocket = { writable: true };

/** The client's request as httpxy alone sees it: an emitter that has nothing to tell. */
class PlainRequest {
  readonly [attemptOf]: HpmAttempt & RequestOwner;
  readonly method: string;
  readonly url: string;
  readonly headers: JoinedHeaders;
  readonly httpVersionMajor = 1;
  readonly socket = someSocket;

  constructor(attempt: HpmAttempt & RequestOwner, outbound: Outbound, url: string) {
    this[attemptOf] = attempt;
    this.method = outbound.method;
    this.url = url;
    this.headers = spellHeaders([...outbound.headers, ...framingOf(outbound)]);
  }

  on(): this {
    return this;
  }

  pipe(request: ClientRequest): ClientRequest {
    this[attemptOf].pour(request);
    return request;
  }
}

/** The client's response as httpxy alone sees it, which has no answer to write: what it would listen for has no end. */
const plainResponse = {
  on() {
    return this;
  },
} as unknown as ServerResponse;

/** What httpxy is to be handed for a client where nobody else looks. */
export function standInPlainly(
  attempt: HpmAttempt & RequestOwner,
  outbound: Outbound,
  url: string,
): Readonly<{ req: IncomingMessage; res: ServerResponse }> {
  const req = new PlainRequest(attempt, outbound, url) as unknown as IncomingMessage;
  return { req, res: plainResponse };
}
