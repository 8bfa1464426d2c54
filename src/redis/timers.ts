import { clock, type Timer } from '../clock.ts';
/** Timers by their names, of which one each runs at a time; none keeps the process alive. */
export type Timers = Readonly<{
  set(name: string, ms: number, run: () => void): void;
  has(name: string): boolean;
  clear(...names: readonly string[]): void;
  clearAll(): void;
}>;

export function createTimers(): Timers {
  const running = new Map<string, Timer>();

  function clear(...names: readonly string[]): void {
    for (const name of names) {
      clock.clear(running.get(name));
      running.delete(name);
    }
  }

  return {
    set(name, ms, run) {
      clear(name);
      const timer = clock.setTimer(() => {
        running.delete(name);
        run();
      }, ms);
      running.set(name, timer.unref());
    },
    has: (name) => running.has(name),
    clear,
    clearAll() {
      clear(...running.keys());
    },
  };
}
