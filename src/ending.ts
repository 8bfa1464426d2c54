import type { Account } from './account.ts';
import type { BalancerErrorCode } from './errors.ts';
import type { Origin } from './forward/sender.ts';
import type { Parts } from './parts.ts';
import { splitTarget } from './request/path.ts';

/** Who serves a request, and hears first that nobody waits for it any more. */
type Server = Readonly<{ leave(): void }>;

/** Waits for the end of a request that has just come in. */
export function watchEnd(parts: EndingParts, origin: Origin, isUpgrade: boolean): Ending {
  const ending = new Ending(parts, origin);
  const { res } = origin;
  const onEnd = (): void => {
    ending.closed();
  };
  res.on('close', onEnd);
  // The connection of an upgrade is taken from its response when that ends, and does not close it.
  if (isUpgrade) res.on('finish', onEnd);
  // The client has left while another middleware was thinking. Later, so that an error is noted before.
  if (res.closed) {
    // What the app writes for nobody counts as finished in Node 22.
    if (!res.writableFinished) ending.noteGone();
    queueMicrotask(onEnd);
  }
  return ending;
}

type EndingParts = Pick<Parts, 'tally' | 'events' | 'now'>;

/** The end of a request, whichever way it comes: it is counted once, and told. */
export class Ending {
  readonly #parts: EndingParts;
  readonly #origin: Origin;
  /** When the request came in, by the balancer's clock. */
  readonly arrivedAt: number;
  #account: Account | undefined;
  #server: Server | undefined;
  #error: BalancerErrorCode | undefined;
  #isCut = false;
  #isGone = false;
  #isOver = false;

  constructor(parts: EndingParts, origin: Origin) {
    this.#parts = parts;
    this.#origin = origin;
    this.arrivedAt = parts.now();
  }

  /** It is to be served; a request that is refused or answered here has no account. */
  follow(account: Account): void {
    this.#account = account;
  }

  /** It is being served. */
  tellFirst(server: Server): void {
    this.#server = server;
  }

  /** The app is handed an error for it, and answers later. */
  noteError(code: BalancerErrorCode): void {
    this.#error = code;
  }

  /** What the client has got so far is all that it gets. */
  noteCut(): void {
    this.#isCut = true;
  }

  /** The client has left without an answer, before the request came here. */
  noteGone(): void {
    this.#isGone = true;
  }

  /** The connection was switched to another protocol: what happens on it is no request. */
  switched(): void {
    this.#end(101, true);
  }

  /** The client has its answer, or has left. */
  closed(): void {
    // First, so that its account is closed when it is told of.
    this.#server?.leave();
    const { res } = this.#origin;
    const isAnswered = this.#isCut ? res.headersSent : res.writableFinished;
    this.#end(isAnswered && !this.#isGone ? res.statusCode : undefined, false);
  }

  #end(status: number | undefined, isUpgraded: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { tally, events, now } = this.#parts;
    const durationMs = now() - this.arrivedAt;
    tally.balancer.noteEnd(status, this.#error, isUpgraded ? undefined : durationMs);
    if (!events.isHeard('request')) return;
    const { facts } = this.#account ?? {};
    const attempts = facts?.attempts.map((attempt) => ({ ...attempt })) ?? [];
    events.emit('request', {
      ...(this.#account?.request ?? requestOf(this.#origin)),
      status,
      error: this.#error,
      member: attempts.at(-1)?.name,
      route: facts?.route,
      sticky: facts?.sticky,
      routeChanged: facts?.routeChanged ?? false,
      waitedMs: facts?.waitedMs ?? 0,
      durationMs,
      attempts,
    });
  }
}

/** What events tell of a path: nothing that a session could stand in. */
export function withoutParameters(path: string): string {
  return path.replace(/;[^/]*/g, '');
}

/** The same of a request that was not read to its end. `''`: its target has no path. */
function requestOf({ req }: Origin): Readonly<{ method: string; path: string }> {
  const { originalUrl, url } = req as { originalUrl?: string; url?: string };
  const target = splitTarget(originalUrl ?? url ?? '');
  return { method: req.method ?? '', path: 'path' in target ? withoutParameters(target.path) : '' };
}
