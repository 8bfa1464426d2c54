import { createBalancer } from 'express-proxy-balancer';
import { host, portOf, type BackendName } from '../cluster/ports.ts';
import { state } from './state.ts';

/** A minute is httpd's `retry`; who restarts a backend to look on does not want to wait that long, nor longer each time. */
const memberDefaults = { retry: '2s', retryMax: '5s' } as const;

/** Of the cluster's workers: a change in one, or an error that one has met, is known to all. Sticky sessions need none of it. */
const sharing = state === undefined ? {} : { state };

/** Static files: two members with a path of their own. */
export const staticBalancer = createBalancer({
  name: 'static-balancer',
  members: [urlOf('static1', '/media/'), urlOf('static2', '/media/')],
  memberDefaults,
  ...sharing,
});

/**
 * The forum: sticky by the application's own cookie, `sessionid=[session data]![backend id]`; others go where answers are
 * quick, and who answers badly is left alone for a while.
 */
export const appBalancer = createBalancer({
  name: 'app-balancer',
  stickysession: 'sessionid',
  routeregex: /!(.*)$/,
  lbmethod: 'byresponsetime',
  failoverOn: [500, 502, 503, 504],
  // One person who looks on asks for little: few answers must do.
  ejection: { consecutive: 3, rate: 0.3, window: '5s', minRequests: 3, time: '5s' },
  members: [
    { url: urlOf('app1', '/'), route: 'app1' },
    { url: urlOf('app2', '/'), route: 'app2' },
  ],
  memberDefaults,
  ...sharing,
});

/** The same forum in the classic form: `BALANCEID=balancer.http1`, and no session ever moves. */
export const classicBalancer = createBalancer({
  name: 'classic-balancer',
  stickysession: 'BALANCEID',
  nofailover: true,
  exclude: '/balancer-manager',
  members: [
    { url: urlOf('app1', '/forum/'), route: 'http1' },
    { url: urlOf('app2', '/forum/'), route: 'http2' },
  ],
  memberDefaults,
  ...sharing,
});

function urlOf(name: BackendName, path: string): string {
  return `http://${host}:${portOf(name)}${path}`;
}
