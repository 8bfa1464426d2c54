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
  /** It failed a request in a way that httpd puts a member in error for. */
  | 'failed'
  /** It has answered. Requests that began before it was put in error go on answering, which says nothing of now. */
  | 'succeeded'
  /** A request goes to it although it is in error: `retry` is over. */
  | 'probed'
  /** That request failed. */
  | 'probe-failed'
  /** That request was answered: the member is back. */
  | 'probe-succeeded'
  /** That request ended without telling anything of the member. */
  | 'probe-ended'
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
      if (state.status & Status.ignoreErrors) return state;
      return { ...state, status: state.status | Status.inError, errorAt: now };
    case 'succeeded':
      return state.errorAt === undefined && state.retries > 0 ? { ...state, retries: 0 } : state;
    case 'probed':
      return { ...state, retries: state.retries + 1, probing: true };
    case 'probe-failed':
      return { ...nextState(state, 'failed', now), probing: false };
    case 'probe-succeeded':
      return { status: state.status & ~Status.inError, errorAt: undefined, retries: 0, probing: false };
    case 'probe-ended':
      return { ...state, probing: false };
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
