import { describeNews } from './describe-news.ts';

const quietMs = 4000;

/** Says what has changed to those who do not see it: grouped, and at most once in a while. */
export type Announcer = Readonly<{ note(name: string, state: string): void }>;

/** `region`: a polite live region. */
export function createAnnouncer(region: Element | null): Announcer {
  const noted = new Map<string, string>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  function say(): void {
    timer = undefined;
    if (noted.size === 0) return;
    if (region) region.textContent = describeNews(noted);
    noted.clear();
    timer = setTimeout(say, quietMs);
  }

  return {
    note(name, state) {
      noted.set(name, state);
      // What comes at the same time is said together.
      timer ??= setTimeout(say, 300);
    },
  };
}
