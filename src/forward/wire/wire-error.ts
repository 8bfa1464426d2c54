/** What went wrong with a member's connection, with a code in the manner of Node's. */
export class WireError extends Error {
  override readonly name: string = 'WireError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** What a member has sent is no answer that could be passed on. */
export class BadAnswer extends WireError {
  override readonly name = 'BadAnswer';

  constructor(message: string) {
    super('ERR_BAD_ANSWER', message);
  }
}

/** A request cannot be put on the wire as it is. */
export class BadRequest extends WireError {
  override readonly name = 'BadRequest';

  constructor(message: string) {
    super('ERR_BAD_REQUEST', message);
  }
}

/** The member has ended its connection before its answer was whole; Node's own code for that. */
export function lostConnection(): WireError {
  return new WireError('ECONNRESET', 'the member has closed the connection');
}
