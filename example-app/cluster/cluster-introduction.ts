import { describeChild } from './introduction.ts';
import { publicHost, type BackendName } from './ports.ts';
import type { Child } from './start-child.ts';

/** What runs. */
export type ClusterParts = Readonly<{
  port: number;
  /** Their pids. */
  workers: readonly number[];
  /** Undefined: it runs elsewhere. */
  redis: Child<'redis'> | undefined;
  backends: readonly Child<BackendName>[];
  password: string;
}>;

/** What the console says when everything runs. */
export function introduceCluster({ port, workers, redis, backends, password }: ClusterParts): string {
  const url = `http://${publicHost}:${port}`;
  return `
Ready: ${url}/

${workers.map((pid) => `  worker   ${`${url}/`.padEnd(30)} pid ${pid}`).join('\n')}
${backends.map(describeChild).join('\n')}
${redis === undefined ? '' : `  redis    ${`redis://127.0.0.1:${redis.port}`.padEnd(30)} pid ${redis.pid}\n`}
Each connection is one worker's. See whose it was:

  curl ${url}/whoami

See and steer the balancers, name as you like, password ${password}

  ${url}/balancer-manager/

Drain app1 there: one worker is told, and all send new visitors to app2.

Ask again and again, and kill a worker; another one is started in its place${redis === undefined ? '' : '. Kill Redis: all go on with what they know'}:

  while curl -sf -o /dev/null ${url}/; do sleep 0.1; done
  kill -9 ${workers[0] ?? 0}${redis === undefined ? '' : `\n  kill ${redis.pid}`}

Ctrl-C ends all.
`;
}
