import { Status } from './status.ts';

/** What a member's past means for the next request. Times are of the clock that is handed in. */
export type MemberState = Readonly<{
  /** httpd's flags (see status.ts). */
  status: number;
  /** When it was put in error; undefined when it is not. */
  errorAt: number | undefined;
  /** How often it was tried again since it was put in error (httpd `retries`). */
  retries: number;
  /** One request is trying it again now; the others leave it alone. */
  probing: boolean;
}>;

/** What happens to a member. */
export type MemberEvent =
  /** It failed in a way that httpd puts a member in error for, or failed the request that tried it again. */
  | 'failed'
  /** It has answered, or taken a connection for good. */
  | 'succeeded'
  /** A request goes to it although it is in error: `retry` is over. */
  | 'probed'
  /** The request that tried it ended without telling anything of it. */
  | 'unprobed'
  /** Every member is in error, so the error is forgotten (httpd `forcerecovery`). */
  | 'forced';

/** The state a member begins with. An initial `E` has no time, so it is tried at once, as in httpd. */
export function initialState(status: number): MemberState {
  return {
    status,
    errorAt: status & Status.inError ? Number.NEGATIVE_INFINITY : undefined,
    retries: 0,
    probing: false,
  };
}

/** The one way a member's state changes. Returns the same object when nothing changes. */
export function nextState(state: MemberState, event: MemberEvent, now: number): MemberState {
  switch (event) {
    case 'failed':
      if (state.status & Status.ignoreErrors) return state.probing ? { ...state, probing: false } : state;
      return { ...state, status: state.status | Status.inError, errorAt: now, probing: false };
    case 'succeeded':
      if (state.errorAt === undefined && state.retries === 0) return state;
      return { status: state.status & ~Status.inError, errorAt: undefined, retries: 0, probing: false };
    case 'probed':
      return { ...state, retries: state.retries + 1, probing: true };
    case 'unprobed':
      return state.probing ? { ...state, probing: false } : state;
    case 'forced':
      if (state.errorAt === undefined) return state;
      return {
        status: state.status & ~Status.inError,
        errorAt: undefined,
        retries: state.retries + 1,
        probing: false,
      };
  }
}
