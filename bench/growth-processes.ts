import type { Running } from './rig/running.ts';

/** Starts several, one after the other; none of them is left where one does not start. */
export async function startAll(
  starts: readonly (() => Promise<Running>)[],
): Promise<Readonly<{ processes: readonly Running[]; stopAll(): Promise<void> }>> {
  const processes: Running[] = [];
  const stopAll = async (): Promise<void> => {
    await Promise.all(processes.map((process) => process.stop()));
  };
  try {
    for (const start of starts) processes.push(await start());
  } catch (error) {
    await stopAll();
    throw error;
  }
  return { processes, stopAll };
}
