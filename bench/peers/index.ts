import { haproxy } from './haproxy.ts';
import { httpd } from './httpd.ts';
import { nginx } from './nginx.ts';
import {
  bareUndici,
  fastifyHttpProxy,
  fastProxy,
  httpProxy3,
  httpProxyMiddleware,
  ours,
  oursByHttpProxyMiddleware,
} from './node-peers.ts';
import type { Peer } from './peer.ts';

// These are no proxies for every workload: those that they fit have them as their `extraPeers`.
export { expressAlone, socketPipe } from './node-peers.ts';

/** All that are measured, in the order of the table. Each is given its best: keep-alive to the members, no access log. */
export const peers: readonly Peer[] = [
  ours,
  oursByHttpProxyMiddleware,
  bareUndici,
  httpProxyMiddleware,
  httpProxy3,
  fastProxy,
  fastifyHttpProxy,
  nginx,
  haproxy,
  httpd,
];
