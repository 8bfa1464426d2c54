import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Listed } from './listed.ts';
import type { ChangeLog } from '../changes/change-log.ts';
import type { Live } from './live/live.ts';
import type { Survey } from './survey/survey.ts';

/** Who asks. */
export type User = Readonly<{ name: string; readOnly: boolean }>;

/** A request to the manager that may be answered: authorized, and where it could change anything, proven to be meant. */
export type Asked = Readonly<{
  req: IncomingMessage;
  user: User;
  /** Path the manager is mounted at, without trailing slash: what links begin with. As the client has encoded it. */
  base: string;
  /** What the route's path has names for, decoded. */
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  /** Fields of a form, or a JSON value; undefined without a body. */
  body: unknown;
  /** What forms to come prove themselves with: the value of the field `token`, or of the header `X-Manager-Token`. */
  token: string;
  /** Asks `authorize` once more, for answers that go on for long: whether this is still the same user, in the same role. */
  isStillAdmitted: () => Promise<boolean>;
}>;

/** What a request is answered with. */
export type Answer =
  | Readonly<{
      status: number;
      type: string;
      body: string | Uint8Array;
      headers?: Readonly<Record<string, string>>;
    }>
  /** Answers itself, over time; the headers that every answer has are set. */
  | Readonly<{ stream: (res: ServerResponse) => void }>;

/** What the answers are made of. */
export type ManagerParts = Readonly<{
  title: string;
  /** The balancers that are shown now. */
  balancers: () => readonly Listed[];
  survey: Survey;
  changes: ChangeLog;
  /** Tells everybody who looks what is new. */
  live: Live;
}>;

/** One thing that can be asked for. */
export type Route = Readonly<{
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below the mount path; a part that begins with a colon is a parameter: `/api/balancers/:balancer`. */
  path: string;
  /** What the body may be; without it there is none. JSON is for programs, forms are the page's. */
  takes?: 'form' | 'json';
  /** It changes nothing although it is a POST: whoever may only read may ask too. */
  isQuestion?: boolean;
  answer: (asked: Asked, parts: ManagerParts) => Answer | Promise<Answer>;
}>;

/** A failure that is the asker's to know: goes out as JSON, or as the page with the message. */
export class ManagerError extends Error {
  /** `'ManagerError'`. */
  override readonly name = 'ManagerError';
  /** What has happened, for programs; codes do not change between versions. */
  readonly code: ManagerErrorCode;
  /** The HTTP status to answer with. */
  readonly status: number;

  constructor(code: ManagerErrorCode, detail?: string) {
    const [status, sentence] = managerFailures[code];
    super(detail === undefined ? sentence : `${sentence}: ${detail}`);
    this.code = code;
    this.status = status;
  }
}

/** Every way in which the manager refuses: code, status, sentence. */
export const managerFailures = {
  ERR_MANAGER_UNAUTHORIZED: [401, 'Who asks is not known'],
  ERR_MANAGER_FORBIDDEN: [403, 'You may not do this'],
  ERR_MANAGER_HOST: [403, 'The manager is not reached under this name'],
  ERR_MANAGER_ORIGIN: [403, 'This must come from the manager’s own pages'],
  ERR_MANAGER_TOKEN: [403, 'The token is missing, wrong or too old'],
  ERR_MANAGER_NOT_FOUND: [404, 'There is nothing here'],
  ERR_MANAGER_METHOD: [405, 'This cannot be done here'],
  ERR_MANAGER_CONFLICT: [409, 'This does not fit how things are now'],
  ERR_MANAGER_TOO_LARGE: [413, 'The body is too large'],
  ERR_MANAGER_TYPE: [415, 'The body is of another type than is read here'],
  ERR_MANAGER_CHANGE: [422, 'The change is wrong'],
  ERR_MANAGER_BODY: [400, 'The body cannot be read'],
  ERR_MANAGER_BUSY: [503, 'Too many ask at the same time'],
  ERR_MANAGER_CLOSED: [503, 'The manager is closed'],
} as const satisfies Readonly<Record<string, readonly [status: number, sentence: string]>>;

/** A code of `ManagerError`; codes do not change between versions. */
export type ManagerErrorCode = keyof typeof managerFailures;
