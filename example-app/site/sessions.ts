import { randomBytes } from 'node:crypto';

export const sessionCookie = 'sessionid';

/** One person, logged in to one backend. */
export type Session = Readonly<{
  /** Also the cookie's value: random data, `!`, the backend's id. */
  id: string;
  user: string;
  /** Goes into every form, so that a foreign page cannot post in this person's name. */
  token: string;
}>;

/** The oldest session ends when there are more. */
const maxSessions = 1000;

/** Who is logged in here. In this process's memory only: a request that reaches another backend is nobody's. */
export class Sessions {
  readonly #backend: string;
  readonly #byId = new Map<string, Session>();

  constructor(backend: string) {
    this.#backend = backend;
  }

  begin(user: string): Session {
    const id = `${randomBytes(24).toString('base64url')}!${this.#backend}`;
    const session = { id, user, token: randomBytes(24).toString('base64url') };
    this.#byId.set(id, session);
    const [oldest] = this.#byId.keys();
    if (oldest !== undefined && this.#byId.size > maxSessions) this.#byId.delete(oldest);
    return session;
  }

  find(id: string | undefined): Session | undefined {
    return id === undefined ? undefined : this.#byId.get(id);
  }

  end(session: Session): void {
    this.#byId.delete(session.id);
  }
}

/** The session's id in a Cookie header. Of several cookies of that name the first has the most specific path. */
export function readSessionId(cookies: string | undefined): string | undefined {
  return /(?:^|;)\s*sessionid=([^;\s]+)/.exec(cookies ?? '')?.[1];
}

/** The backend that began a session: what follows the `!`. */
export function backendOf(sessionId: string): string {
  return sessionId.slice(sessionId.indexOf('!') + 1);
}
