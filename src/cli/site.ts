import type { Duration } from '../definition/definition.ts';
import type { HttpdHandler } from '../httpd-conf/mount/handler-options.ts';
import { insideOf } from '../inside.ts';

/** What serves requests, and may be replaced while it does. */
export type Site = Readonly<{
  /** For a request that comes now. */
  now(): HttpdHandler;
  /** Serves new requests by another one; what the old one has begun may go on for `grace`. */
  replace(handler: HttpdHandler, grace: Duration): void;
  /** Tells WebSockets to go, spread over three quarters of the time; requests are served as before. */
  part(graceMs: number): void;
  /** Ends them all; once more with a shorter `grace`, and it is sooner over. */
  close(grace: Duration): Promise<void>;
}>;

export function createSite(first: HttpdHandler): Site {
  let handler = first;
  const running = new Set([first]);
  let stopParting: readonly (() => void)[] = [];

  async function end(ending: HttpdHandler, grace: Duration): Promise<void> {
    await ending.close({ grace });
    running.delete(ending);
  }

  return {
    now: () => handler,
    part(graceMs) {
      stopParting = handler.balancers.map((balancer) => insideOf(balancer).part(graceMs));
    },
    replace(next, grace) {
      const old = handler;
      handler = next;
      running.add(next);
      void end(old, grace);
    },
    async close(grace) {
      for (const stop of stopParting) stop();
      await Promise.all([...running].map((each) => end(each, grace)));
    },
  };
}
