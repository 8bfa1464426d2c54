import { describeNodePeer, lackUpgrades } from './node-peer.ts';
import type { Peer, Task } from './peer.ts';
import { readOwnVersion, readPackageVersion } from './version.ts';

const ownVersion = { version: readOwnVersion, install: 'npm run build' };

export const ours = describeNodePeer({
  name: 'express-proxy-balancer',
  program: 'express-proxy-balancer',
  ...ownVersion,
});

export const oursByHttpProxyMiddleware = describeNodePeer({
  name: 'express-proxy-balancer, httpProxyMiddleware',
  program: 'express-proxy-balancer',
  args: ['--http-proxy-middleware'],
  ...ownVersion,
});

/** The floor: what no handler in Express that sends with undici can be below. */
export const bareUndici = describeNodePeer({
  name: 'bare undici in Express',
  program: 'bare-undici',
  version: () => readPackageVersion('undici'),
  lacks: (task) => (task.sticky ? 'no sticky sessions' : lackUpgrades(task)),
});

/** What the server costs without proxying; it answers `ok` to whatever comes, so it is for the small workload only. */
export const expressAlone = describeNodePeer({
  name: 'Express alone',
  program: 'express-alone',
  version: () => readPackageVersion('express'),
  lacks: lackProxying,
});

export const httpProxyMiddleware = describeNodePeer({
  name: 'http-proxy-middleware',
  program: 'http-proxy-middleware',
});

export const httpProxy3 = describeNodePeer({ name: 'http-proxy-3', program: 'http-proxy-3' });

export const fastProxy = describeNodePeer({
  name: 'fast-proxy',
  program: 'fast-proxy',
  lacks: lackUpgrades,
});

export const fastifyHttpProxy = describeNodePeer({
  name: '@fastify/http-proxy',
  program: 'fastify-http-proxy',
});

/** For WebSockets: two sockets tied by Node, which is as little as there can be in between. */
export const socketPipe: Peer = describeNodePeer({
  name: 'plain socket pipe',
  program: 'socket-pipe',
  version: () => process.versions.node,
  lacks: ({ sticky }) => (sticky ? 'no sticky sessions' : undefined),
});

function lackProxying({ sticky, upgrades }: Task): string | undefined {
  return sticky || upgrades ? 'it does not proxy' : undefined;
}
