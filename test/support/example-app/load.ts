/** Unbound GETs, one after the other and twenty at a time, until stopped. */
export function startLoad(url: string) {
  const faults: string[] = [];
  const watchers = new Set<(servedBy: string) => void>();
  let answered = 0;
  let stopped = false;
  const ask = async (): Promise<void> => {
    while (!stopped) {
      try {
        const res = await fetch(url);
        const page = await res.text();
        const servedBy = res.headers.get('x-served-by') ?? '';
        if (res.status !== 200 || !page.includes('</html>')) faults.push(`${res.status} ${servedBy} ${page}`);
        answered += 1;
        for (const watch of watchers) watch(servedBy);
      } catch (error) {
        faults.push(String(error));
      }
    }
  };
  const workers = Array.from({ length: 21 }, ask);
  const wait = (isEnough: (servedBy: string) => boolean): Promise<void> =>
    new Promise((resolve) => {
      const watch = (servedBy: string): void => {
        if (!isEnough(servedBy)) return;
        watchers.delete(watch);
        resolve();
      };
      watchers.add(watch);
    });
  return {
    /** Resolves after so many further answers. */
    after(count: number): Promise<void> {
      const enough = answered + count;
      return wait(() => answered >= enough);
    },
    /** Resolves when this backend answers. */
    until: (backend: string): Promise<void> => wait((servedBy) => servedBy === backend),
    async stop() {
      stopped = true;
      await Promise.all(workers);
      return { answered, faults };
    },
  };
}
