import type { Server } from './dns-answer.ts';

/**
 * SRV weights as factors: 1 for the lightest server of its priority and up to 100 for the heaviest, in the proportions
 * of the weights; 1 for servers without one.
 */
export function weighServers(servers: readonly Server[]): readonly number[] {
  const most = new Map<number | undefined, number>();
  for (const { priority, weight = 0 } of servers) {
    most.set(priority, Math.max(most.get(priority) ?? 0, weight));
  }
  // RFC 2782: beside servers that have a weight, one of weight 0 has a very small chance.
  const raise = ({ priority, weight = 0 }: Server): number => Math.max(weight, most.get(priority)! / 100);
  const least = new Map<number | undefined, number>();
  for (const server of servers) {
    least.set(server.priority, Math.min(least.get(server.priority) ?? Infinity, raise(server)));
  }
  // Where all weights are 0, all are alike.
  return servers.map((server) => raise(server) / least.get(server.priority)! || 1);
}
