import { AsyncResource } from 'node:async_hooks';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { BalancerError } from './errors.ts';
import { explainNobody, explainRequest, type Explanation } from './explain.ts';
import { handleRequest, type Next } from './handle-request.ts';
import type { Parts } from './parts.ts';
import type { Mapping } from './request/mapping.ts';
import { closeWithConnection, mustWaitForTurn } from './request/pipelining.ts';
import type { RequestReader } from './request/read-inbound.ts';
import { upgradeOf } from './upgrade-request.ts';

/** What a request is served with. */
export type Serving = Readonly<{ parts: Parts; reader: RequestReader }>;

/** What becomes of requests, upgrades among them, by whichever way they come in. */
export type Service = Readonly<{
  /** Serves a request; `mapping`: to somewhere else below the members' own paths than it asks for. */
  handle(req: IncomingMessage, res: ServerResponse, next: Next, mapping?: Mapping): void;
  /** What would become of it now. */
  explain(req: IncomingMessage, mapping?: Mapping): Explanation;
}>;

/** The service of a balancer, by what is in force when a request comes; once it is closed, by nobody. */
export function createService(now: () => Serving, isClosed: () => boolean): Service {
  const serve: Service['handle'] = (req, res, next, mapping) => {
    const { parts, reader } = now();
    if (!isClosed()) {
      handleRequest(parts, reader, { req, res, next, upgrade: upgradeOf(req), mapping });
      return;
    }
    // RFC 9112 9.6: on another connection its client may find somebody who serves it.
    res.shouldKeepAlive = false;
    next(new BalancerError('ERR_BALANCER_CLOSED', { balancer: parts.settings.name }));
  };
  return {
    handle(req, res, next, mapping) {
      closeWithConnection(req, res);
      if (!mustWaitForTurn(req, res)) {
        serve(req, res, next, mapping);
        return;
      }
      // Bound: it is called by the end of the request before it, whose AsyncLocalStorage is not its own.
      const serveInTurn = AsyncResource.bind(() => {
        // What limits a request's time has answered it meanwhile.
        if (res.headersSent) return;
        try {
          serve(req, res, next, mapping);
        } catch (error) {
          // No app is around it any more that would catch it.
          next(error);
        }
      });
      res.once('socket', serveInTurn);
    },
    explain(req, mapping) {
      if (isClosed()) return explainNobody('it is refused: the balancer is closed');
      const { parts, reader } = now();
      return explainRequest(parts, reader, req, mapping);
    },
  };
}
