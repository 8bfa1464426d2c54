import type { MemberSettings } from '../definition/settings.ts';
import { askDns, type AskDns } from './ask-dns.ts';
import { watchName, type Watch, type WatchContext } from './watch-name.ts';

/** Keeps the members that DNS tells as it tells them. */
export type Discovery = Readonly<{
  /**
   * The members whose servers DNS tells, all of them: new ones are asked for at once, those that are gone are forgotten.
   * One that was there, in other settings, is told with them before this returns, if its servers are known.
   */
  sync(templates: readonly MemberSettings[]): void;
  /** Whether the first answer for any is waited for. */
  isPending(): boolean;
  /** Resolves once each that is there now has had its first answer or failure. */
  whenSettled(): Promise<void>;
  close(): void;
}>;

/** Asks for nothing before `sync`. `ask` is for tests. */
export function createDiscovery(options: Omit<WatchContext, 'ask'> & Readonly<{ ask?: AskDns }>): Discovery {
  const context: WatchContext = { ask: askDns, ...options };
  const watches = new Map<string, Watch>();
  let isClosed = false;

  function sync(templates: readonly MemberSettings[]): void {
    if (isClosed) return;
    const wanted = new Set(templates.filter(({ resolve }) => resolve !== undefined).map(nameWatch));
    for (const [key, watch] of watches) {
      if (wanted.has(key)) continue;
      watch.stop();
      watches.delete(key);
    }
    for (const template of templates) {
      if (template.resolve === undefined) continue;
      const key = nameWatch(template);
      const watch = watches.get(key);
      if (watch) watch.replace(template);
      else {
        const question = { name: template.hostname, resolve: template.resolve };
        watches.set(key, watchName(template, question, context));
      }
    }
  }

  return {
    sync,
    isPending: () => [...watches.values()].some((watch) => watch.isPending()),
    async whenSettled() {
      await Promise.all([...watches.values()].map(({ settled }) => settled));
    },
    close() {
      isClosed = true;
      for (const watch of watches.values()) watch.stop();
      watches.clear();
    },
  };
}

/** What makes two definitions of a template the same one. */
function nameWatch({ url, resolve, route }: MemberSettings): string {
  return JSON.stringify([url, resolve, route]);
}
