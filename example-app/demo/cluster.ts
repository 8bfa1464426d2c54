import { once } from 'node:events';
import { host } from '../cluster/ports.ts';
import { endChild, startChild, type Child } from '../cluster/start-child.ts';
import type { Trouble } from '../site/trouble.ts';

export const backendNames = ['app1', 'app2', 'app3', 'app4'] as const;
export type BackendName = (typeof backendNames)[number];

/** The backends, a process each. */
export type Cluster = Readonly<{
  /** Starts one, where it was before if it has run already. */
  start(name: BackendName): Promise<void>;
  /** Of one that has been started. */
  urlOf(name: BackendName): string;
  /** Ends one at once, with all that it is doing. */
  kill(name: BackendName): Promise<void>;
  /** Makes one slow or failing, or heals it: it goes on running. */
  trouble(name: BackendName, trouble: Partial<Trouble>): Promise<void>;
  end(): Promise<void>;
}>;

export function createCluster(): Cluster {
  const children = new Map<BackendName, Child<BackendName>>();

  function find(name: BackendName): Child<BackendName> {
    const child = children.get(name);
    if (child === undefined) throw new Error(`${name} has not been started`);
    return child;
  }

  return {
    async start(name) {
      const port = children.get(name)?.port ?? 0;
      const child = await startChild(name, 'demo/backend.ts', [name, String(port)]);
      children.set(name, child);
    },
    urlOf: (name) => `http://${host}:${find(name).port}/`,
    async kill(name) {
      const child = find(name).process;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
    async trouble(name, { slow = 0, failing = 0 }) {
      const body = new URLSearchParams({ slow: String(slow), failing: String(failing) });
      const res = await fetch(`http://${host}:${find(name).port}/trouble`, { method: 'POST', body });
      if (!res.ok) throw new Error(`${name} answers ${res.status} when it is told of its trouble`);
    },
    async end() {
      await Promise.all([...children.values()].map((child) => endChild(child.process)));
    },
  };
}
