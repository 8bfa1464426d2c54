import type { Balancer } from 'express-proxy-balancer';
import { backendAt } from '../cluster/ports.ts';

/** One line on the console whenever a member's state changes: `app-balancer: app1 ok -> E (failed)`, in httpd's letters; and how long it is ejected. */
export function logStates(balancer: Balancer): void {
  balancer.on('state', ({ balancer: name, member, url, from, to, cause }) => {
    console.log(`${name}: ${backendAt(url) ?? member} ${from || 'ok'} -> ${to || 'ok'} (${cause})`);
  });
  // Told again when the request that tried it has failed; its state is the same then.
  balancer.on('ejection', ({ balancer: name, member, url, timeMs }) => {
    console.log(`${name}: ${backendAt(url) ?? member} is left alone for ${timeMs / 1000} s`);
  });
}
