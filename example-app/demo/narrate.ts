import type { Balancer } from 'express-proxy-balancer';
import { print, say } from './console.ts';
import { tellEjection, tellState } from './why.ts';

/** What the reader of the lines to come should know. */
export function introduce(front: string, backends: readonly string[]): void {
  print(`The front: ${front}/, before ${backends.join(' ')}`);
  print(
    'lbmethod byresponsetime, failoverOn 500 502 503 504, ejection, health checks. In parentheses stands why:',
  );
  print('  app1 20 ms ×3        has answered in a mean of 20 ms lately, and has 3 requests now');
  print('  app2 ejected 0.8 s   is left alone for so long');
}

/** A line for every change of a member's state. */
export function narrate(balancer: Balancer): void {
  balancer.on('state', (event) => {
    const text = tellState(event);
    if (text !== undefined) say(text);
  });
  balancer.on('ejection', (event) => {
    say(tellEjection(event));
  });
}
