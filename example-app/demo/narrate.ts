import type { Balancer } from 'express-proxy-balancer';
import type { BackendName, Cluster } from './cluster.ts';
import { print, say } from './console.ts';
import { tellEjection, tellMembers, tellState } from './why.ts';

/** What the reader of the lines to come should know. */
export function introduce(front: string, cluster: Cluster, names: readonly BackendName[]): void {
  print(`The front: ${front}/`);
  print(`in front of ${names.map((name) => `${name} ${cluster.urlOf(name)}`).join(', ')}`);
  print(
    'lbmethod byresponsetime, failoverOn 500 502 503 504, ejection, health checks. In parentheses stands why:',
  );
  print(
    '  app1 20 ms ×3        is expected to take 20 ms (failures count as slow, silence fades), and has 3 requests now',
  );
  print('  app2 ejected 0.8 s   is left alone for so long');
  print(
    'Each line has the time of the choice that it tells of; of failovers that are alike, two a step are told.',
  );
}

/** A line for every change of a member's state, and of who they are. */
export function narrate(balancer: Balancer): void {
  const ejected = new Set<string>();
  balancer.on('state', (event) => {
    if (!event.to.includes('E')) ejected.delete(event.member);
    const text = tellState(event);
    if (text !== undefined) say(text);
  });
  balancer.on('ejection', (event) => {
    say(tellEjection(event, ejected.has(event.member)));
    ejected.add(event.member);
  });
  balancer.on('members', (event) => {
    say(tellMembers(event));
  });
}
