import { Status } from './status.ts';

/** What a member's past means for the next request. Times are of the clock that is handed in. */
export type MemberState = Readonly<{
  /** httpd's flags (see status.ts). */
  status: number;
  /** When it was put in error; undefined when it is not. */
  errorAt: number | undefined;
  /** How often it was tried again since it was put in error (httpd `retries`). */
  retries: number;
  /** How many trials in a row have failed: the next is so much later. */
  failedTrials: number;
  /** One request is trying it again now; the others leave it alone. */
  probing: boolean;
  /** It is in error for what it answered, and for how long at first; undefined when it is not ejected. */
  ejectedMs: number | undefined;
  /** Since when it serves again, after it could not, or was added; undefined when it always could. */
  upSince: number | undefined;
}>;

/** An error that another process has found. */
export type HeardError = Readonly<{
  /** How long ago. */
  ageMs: number;
  /** How much later than there it is tried again here: so most processes hear what the first trial has told. */
  delayMs: number;
  retries: number;
  failedTrials: number;
  ejectedMs: number | undefined;
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
  /** Nobody else is left, so the error is forgotten (httpd `forcerecovery`). */
  | 'forced'
  /** Enough health checks in a row have failed. */
  | 'checks-failed'
  /** Enough health checks in a row have passed: like in httpd, that clears an error too. */
  | 'checks-passed'
  /** It answers, but badly: it is put in error for this time at first. */
  | Readonly<{ kind: 'ejected'; timeMs: number }>
  /** Another process has found it in error; undefined: out of error. */
  | Readonly<{ kind: 'heard'; error: HeardError | undefined }>
  /** Somebody has set its flags. */
  | Readonly<{ kind: 'set'; status: number }>;

/** Flags with which a member serves nobody new. */
const outOfService =
  Status.disabled | Status.stopped | Status.drain | Status.inError | Status.healthCheckFailed;

/** Whether a member in this state serves anybody new. */
export function isServing({ status }: MemberState): boolean {
  return (status & outOfService) === 0;
}

/** The state a member begins with. An initial `E` has no time, so it is tried at once, as in httpd. */
export function initialState(status: number): MemberState {
  return {
    status,
    errorAt: status & Status.inError ? Number.NEGATIVE_INFINITY : undefined,
    retries: 0,
    failedTrials: 0,
    probing: false,
    ejectedMs: undefined,
    upSince: undefined,
  };
}

/** The one way a member's state changes. Returns the same object when nothing changes. */
export function nextState(state: MemberState, event: MemberEvent, now: number): MemberState {
  const next = typeof event === 'string' ? follow(state, event, now) : apply(state, event, now);
  return !isServing(state) && isServing(next) ? { ...next, upSince: now } : next;
}

function follow(state: MemberState, event: Extract<MemberEvent, string>, now: number): MemberState {
  switch (event) {
    case 'failed':
      if (state.status & Status.ignoreErrors) return state;
      return { ...state, status: state.status | Status.inError, errorAt: now };
    case 'succeeded':
      return state.errorAt === undefined && state.retries > 0
        ? { ...state, retries: 0, failedTrials: 0 }
        : state;
    case 'probed':
      return { ...state, retries: state.retries + 1, probing: true };
    case 'probe-failed':
      return { ...follow(state, 'failed', now), failedTrials: state.failedTrials + 1, probing: false };
    case 'probe-succeeded':
      return { ...withoutError(state), retries: 0, failedTrials: 0 };
    case 'probe-ended':
      return { ...state, probing: false };
    case 'forced':
      return state.errorAt === undefined ? state : { ...withoutError(state), retries: state.retries + 1 };
    case 'checks-failed':
      if (state.status & Status.healthCheckFailed) return state;
      return { ...state, status: state.status | Status.healthCheckFailed };
    case 'checks-passed': {
      const checked = { ...state, status: state.status & ~Status.healthCheckFailed };
      // What it answers to checks was good all along.
      if (state.ejectedMs !== undefined) return checked.status === state.status ? state : checked;
      if (state.errorAt === undefined) return checked.status === state.status ? state : checked;
      return { ...withoutError(checked), retries: 0, failedTrials: 0 };
    }
  }
}

function apply(state: MemberState, event: Exclude<MemberEvent, string>, now: number): MemberState {
  switch (event.kind) {
    case 'ejected':
      if (state.status & Status.ignoreErrors || state.errorAt !== undefined) return state;
      return { ...state, status: state.status | Status.inError, errorAt: now, ejectedMs: event.timeMs };
    case 'heard':
      return event.error ? hearError(state, event.error, now) : hearRecovery(state);
    case 'set': {
      if (event.status === state.status) return state;
      const { status } = event;
      if ((status & Status.inError) === (state.status & Status.inError)) return { ...state, status };
      return status & Status.inError
        ? { ...state, status, errorAt: now }
        : { ...withoutError(state), status, retries: 0, failedTrials: 0 };
    }
  }
}

function hearError(
  state: MemberState,
  { ageMs, delayMs, retries, failedTrials, ejectedMs }: HeardError,
  now: number,
): MemberState {
  const foundAt = now - ageMs;
  const { status, errorAt, probing } = state;
  // A trial that runs here will tell more than one that was before it, and so does a failure that was seen here later.
  if (status & Status.ignoreErrors || probing || (errorAt !== undefined && errorAt >= foundAt)) return state;
  return {
    ...state,
    status: status | Status.inError,
    errorAt: foundAt + delayMs,
    retries,
    failedTrials,
    ejectedMs,
  };
}

function hearRecovery(state: MemberState): MemberState {
  if (state.errorAt === undefined && state.retries === 0) return state;
  return { ...withoutError(state), retries: 0, failedTrials: 0 };
}

function withoutError(state: MemberState): MemberState {
  return {
    ...state,
    status: state.status & ~Status.inError,
    errorAt: undefined,
    ejectedMs: undefined,
    probing: false,
  };
}
