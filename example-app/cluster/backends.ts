import { portOrAnyFree } from './free-port.ts';
import { backendNames, demandedPort, usualPort, type BackendName, type ProcessName } from './ports.ts';
import { startChild, type Child } from './start-child.ts';

/** Starts the four backends, a process each; each is handed on as soon as it runs. */
export function startBackends(watch: (backend: Child<BackendName>) => void): Promise<Child<BackendName>[]> {
  return Promise.all(
    backendNames.map(async (name) => {
      const backend = await startChild(name, 'backend.ts', [name, String(await choosePort(name))]);
      watch(backend);
      return backend;
    }),
  );
}

/** A port that was asked for is kept to; the usual one gives way when it is taken. */
export function choosePort(name: ProcessName): number | Promise<number> {
  return demandedPort(name) ?? portOrAnyFree(usualPort(name));
}
