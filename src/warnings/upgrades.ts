import { isContested } from '../attach-upgrades.ts';
import { upgradeOf } from '../upgrade-request.ts';
import type { Watch, WatchedRequest } from './watch.ts';

/** A handshake that nobody could switch. */
export const watchPlainUpgrades: Watch<WatchedRequest> = {
  code: 'WARN_BALANCER_UPGRADE_NOT_ATTACHED',
  isNeeded: ({ upgrade }) => upgrade.has('websocket') || upgrade.has('*'),
  judge({ origin: { req }, body }) {
    const { upgrade, connection } = req.headers;
    if (upgrade?.toLowerCase() !== 'websocket' || !/\bupgrade\b/i.test(connection ?? '')) return undefined;
    if (req.method !== 'GET' || req.httpVersion !== '1.1' || body.kind !== 'none') return undefined;
    if (upgradeOf(req) !== undefined) return undefined;
    return (
      'a WebSocket handshake has come as a plain request, which a member cannot switch: nobody listens to the upgrades of ' +
      'the server. Write attachUpgrades(server, app) below app.listen(…), or upgrade: false in the definition where there ' +
      'are to be no WebSockets'
    );
  },
};

/** A handshake that somebody else answers too. */
export const watchContestedUpgrades: Watch<WatchedRequest> = {
  code: 'WARN_BALANCER_UPGRADE_CONTESTED',
  isNeeded: () => true,
  judge({ origin: { req }, inbound }) {
    if (inbound.upgrade === undefined || !isContested(req)) return undefined;
    return (
      "the server has a listener of 'upgrade' besides that of attachUpgrades, or that one twice: both answer each handshake, " +
      'on one connection. Call attachUpgrades once, and give the other WebSockets a server of their own; or write one ' +
      "server.on('upgrade', …) that hands each path to its own taker, balancer.upgrade being one"
    );
  },
};
