/** Everything listens here: the example is for this machine only. */
export const host = '127.0.0.1';

/** The front's name to the world; another than the backends', so that what is rewritten can be seen. */
export const publicHost = 'localhost';

export const backendNames = ['static1', 'static2', 'app1', 'app2'] as const;
export type BackendName = (typeof backendNames)[number];
export type ProcessName = 'front' | BackendName;

/** The port of each process, and the variable of the environment that changes it; 0 is any free port. */
const ports: Readonly<Record<ProcessName, Readonly<{ variable: string; usual: number }>>> = {
  front: { variable: 'PORT', usual: 8080 },
  static1: { variable: 'STATIC1_PORT', usual: 3001 },
  static2: { variable: 'STATIC2_PORT', usual: 3002 },
  app1: { variable: 'APP1_PORT', usual: 4001 },
  app2: { variable: 'APP2_PORT', usual: 4002 },
};

/** The port that the environment demands, if it does. */
export function demandedPort(name: ProcessName): number | undefined {
  const text = process.env[ports[name].variable];
  return text === undefined || text === '' ? undefined : parsePort(text);
}

/** The port that a process has when nobody says otherwise. */
export function usualPort(name: ProcessName): number {
  return ports[name].usual;
}

export function portOf(name: ProcessName): number {
  return demandedPort(name) ?? usualPort(name);
}

/** The environment in which these ports are demanded. */
export function demandPorts(actual: ReadonlyMap<ProcessName, number>): Record<string, string> {
  return Object.fromEntries([...actual].map(([name, port]) => [ports[name].variable, String(port)]));
}

export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65535) throw new Error(`'${text}' is no port: write 0 to 65535`);
  return port;
}

/** The backend that a member's URL stands for. */
export function backendAt(url: string): BackendName | undefined {
  const port = Number(new URL(url).port);
  return backendNames.find((name) => portOf(name) === port);
}

export function isBackendName(text: string | undefined): text is BackendName {
  return backendNames.some((name) => name === text);
}
