import type { MemberSettings, Settings } from '../definition/settings.ts';
import type { Reply } from '../rewrite/rewrite-answer.ts';
import { hasField } from '../rewrite/headers.ts';
import { watchBody } from './body-remade.ts';
import type { WarningCode } from './codes.ts';
import { setsSessionCookie, watchCookiePath, watchCookieRoute, watchDomain, watchSecure } from './cookies.ts';
import { creations } from './creations.ts';
import { readEvidence, watchPath } from './doubled-path.ts';
import { watchRedirect } from './internal-redirect.ts';
import { watchRoute, watchRoutes } from './routes.ts';
import { tell } from './teller.ts';
import { watchTrust } from './trust-proxy.ts';
import { watchContestedUpgrades, watchPlainUpgrades } from './upgrades.ts';
import type { Surroundings, Watch, WatchedAnswer, WatchedRequest } from './watch.ts';

const ofRequests: readonly Watch<WatchedRequest>[] = [
  watchTrust,
  watchBody,
  watchRoutes,
  watchRoute,
  watchPlainUpgrades,
  watchContestedUpgrades,
];
const ofCookies: readonly Watch<WatchedAnswer>[] = [
  watchCookieRoute,
  watchDomain,
  watchCookiePath,
  watchSecure,
];

/** After so many answers with a session cookie they are known well enough. */
const mostCookies = 1_000;

/** Far more than anybody has members. */
const mostRoutes = 10_000;

/** Looks at a balancer's traffic for mistakes of its set-up, and says each once. Nothing of it throws, or changes a request. */
export class Warnings {
  readonly #around: Omit<Surroundings, 'settings' | 'findSession'>;
  readonly #said = new Set<WarningCode>();
  /** Routes that members have or have had. */
  readonly #routes = new Set<string>();
  #surroundings: Surroundings | undefined;
  #requests: readonly Watch<WatchedRequest>[] = [];
  #cookies: readonly Watch<WatchedAnswer>[] = [];
  #cookiesLeft = mostCookies;
  #watchesPath = false;
  #isPathProven = false;
  #watchesRedirects = false;

  constructor(around: Omit<Surroundings, 'settings' | 'findSession' | 'wasRoute'>) {
    this.#around = { ...around, wasRoute: (route) => this.#routes.has(route) };
  }

  /** The definition, or who the members are, is another one now. */
  follow(settings: Settings, findSession: Surroundings['findSession']): void {
    this.#surroundings = { ...this.#around, settings, findSession };
    for (const { route } of settings.members) {
      if (route !== undefined && this.#routes.size < mostRoutes) this.#routes.add(route);
    }
    this.#select(settings);
  }

  noteRequest(request: WatchedRequest): void {
    if (this.#requests.length === 0) return;
    creations.noteTraffic();
    try {
      for (const watch of this.#requests) this.#look(watch, request);
    } catch {
      // A mistake that cannot be seen is none of the request's.
    }
  }

  /** A body that nobody can make again. */
  noteConsumed({ destroyed }: Readonly<{ destroyed: boolean }>, problem: string): void {
    // Who has left has not read it.
    if (!destroyed) this.say('WARN_BALANCER_BODY_CONSUMED', `the body of a request is lost: ${problem}`);
  }

  noteAnswer(reply: Reply, request: WatchedRequest, member: MemberSettings): void {
    const { status, headers } = reply;
    const isRedirect = this.#watchesRedirects && status >= 300 && status < 400;
    const isCookie = this.#cookies.length > 0 && hasField(headers, 'set-cookie');
    if (!this.#watchesPath && !isRedirect && !isCookie) return;
    try {
      const answer = { reply, request, member };
      if (this.#watchesPath) this.#lookAtPath(answer);
      if (isRedirect) this.#look(watchRedirect, answer);
      if (isCookie && setsSessionCookie(this.#surroundings!.settings, headers)) this.#lookAtCookies(answer);
    } catch {
      // Likewise.
    }
  }

  /** Says what was seen elsewhere, once. */
  say(code: WarningCode, words: string): void {
    const { settings } = this.#surroundings ?? {};
    if (!settings || this.#said.has(code) || settings.silenced.has(code)) return;
    this.#said.add(code);
    this.#select(settings);
    tell(settings, code, words);
  }

  #look<Watched>({ code, judge }: Watch<Watched>, watched: Watched): void {
    const words = judge(watched, this.#surroundings!);
    if (words !== undefined) this.say(code, words);
  }

  /** A page that is there, under its path or under the doubled one, says that it is meant so. */
  #lookAtPath(answer: WatchedAnswer): void {
    const { reply, request, member } = answer;
    if (reply.status >= 400) this.#look(watchPath, answer);
    else if (readEvidence(member, request.inbound) !== undefined) {
      this.#isPathProven = true;
      this.#watchesPath = false;
    }
  }

  #lookAtCookies(answer: WatchedAnswer): void {
    for (const watch of this.#cookies) this.#look(watch, answer);
    this.#cookiesLeft -= 1;
    if (this.#cookiesLeft === 0) this.#cookies = [];
  }

  /** What there is still to look for. */
  #select(settings: Settings): void {
    const isDue = <Watched>({ code, isNeeded }: Watch<Watched>): boolean =>
      !this.#said.has(code) && !settings.silenced.has(code) && isNeeded(settings);
    this.#requests = ofRequests.filter(isDue);
    this.#cookies = this.#cookiesLeft > 0 ? ofCookies.filter(isDue) : [];
    this.#watchesPath = !this.#isPathProven && isDue(watchPath);
    this.#watchesRedirects = isDue(watchRedirect);
  }
}
