import type { Place } from '../syntax/directive.ts';

const refusals = {
  ERR_HTTPD_CONF_FORBIDDEN: [403, 'The configuration does not allow this request'],
  ERR_HTTPD_CONF_GONE: [410, 'The configuration says that this is gone'],
} as const satisfies Readonly<Record<string, readonly [status: number, sentence: string]>>;

/** A code of `HttpdRefusal`; codes do not change between versions. */
export type HttpdRefusalCode = keyof typeof refusals;

/** A request that a configuration refuses, as handed to `next(err)`. */
export class HttpdRefusal extends Error {
  /** `'HttpdRefusal'`. */
  override readonly name = 'HttpdRefusal';
  /** What has happened, for programs. */
  readonly code: HttpdRefusalCode;
  /** The HTTP status to answer with. */
  readonly status: number;
  /** The same, under the name some error handlers look for. */
  readonly statusCode: number;
  /** Whether the message may be shown to the client. */
  readonly expose: boolean;
  /** Where it is written that it is refused. */
  readonly place: Place | undefined;

  constructor(code: HttpdRefusalCode, place: Place | undefined) {
    const [status, sentence] = refusals[code];
    super(sentence);
    this.code = code;
    this.status = status;
    this.statusCode = status;
    this.expose = true;
    this.place = place;
  }
}
