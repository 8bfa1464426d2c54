import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { hostname } from 'node:os';
import type { Duplex } from 'node:stream';
import { noteUpgradeProtocols } from './attach-upgrades.ts';
import { methods } from './choice/method.ts';
import { buildSettings } from './definition/build-settings.ts';
import { readDefinition } from './definition/check-definition.ts';
import type { BalancerDefinition } from './definition/definition.ts';
import { BalancerError } from './errors.ts';
import type { BalancerFacts } from './facts.ts';
import { createInFlight } from './in-flight.ts';
import { compilePathFilter } from './forward/hpm/path-filter.ts';
import { createHpmSender } from './forward/hpm-sender.ts';
import { createUndiciSender } from './forward/undici-sender.ts';
import { handleRequest, type Next } from './handle-request.ts';
import { createMembers } from './member/members.ts';
import { viewMembers, type MemberSnapshot } from './member/snapshot.ts';
import type { Parts } from './parts.ts';
import { createRequestReader } from './request/read-inbound.ts';
import { createRetryBudget } from './retry-budget.ts';
import { createRewriter } from './rewrite/rewriter.ts';
import { answerAlone, respondToUpgrade, upgradeOf } from './upgrade-request.ts';

/** What `close` is asked for. */
export type CloseOptions = Readonly<{
  /** How long requests and upgraded connections in flight may go on, in milliseconds. Default: 0. */
  grace?: number;
}>;

/** Middleware for Express and Connect that proxies to its members, and what else it can do. `Name`: the members' names. */
export type Balancer<Name extends string = string> = {
  (req: IncomingMessage, res: ServerResponse, next: Next): void;
  /** Serves upgrades of a server without an app: `server.on('upgrade', balancer.upgrade)`. No middleware, no mount path. */
  readonly upgrade: (req: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** The members as they are now. */
  readonly view: () => readonly MemberSnapshot<Name>[];
  /** Refuses new requests, lets those in flight end for up to `grace`, then ends them. Resolves when nothing is left running. */
  readonly close: (options?: CloseOptions) => Promise<void>;
};

declare module 'node:http' {
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- only an interface can be added to
  interface IncomingMessage {
    /** What the balancer did with this request: what httpd's BALANCER_* variables tell. */
    balancer?: BalancerFacts;
  }
}

/**
 * Creates a balancer from its definition.
 *
 * @throws {DefinitionError} when the definition is wrong, with everything that is wrong with it.
 */
export function createBalancer<const Route extends string = never, const Url extends string = never>(
  definition: BalancerDefinition<Route, Url>,
): Balancer<Route | Url> {
  const serverName = hostname();
  // Two balancers of one name on one machine may stand in a row, and that is no loop.
  const instance = randomBytes(3).toString('hex');
  const settings = buildSettings(readDefinition(definition), { hostname: serverName, instance });
  const now = (): number => performance.now();
  const { httpProxyMiddleware, nofailover, forcerecovery } = settings;
  const parts: Parts = {
    settings,
    rules: { nofailover, forcerecovery, method: methods.byrequests },
    members: createMembers(settings.members, now),
    sender: httpProxyMiddleware ? createHpmSender(httpProxyMiddleware) : createUndiciSender(),
    rewriter: createRewriter(settings, serverName),
    budget: createRetryBudget(now),
    inFlight: createInFlight(),
    now,
  };
  const reader = createRequestReader(settings, compilePathFilter(httpProxyMiddleware?.pathFilter));
  noteUpgradeProtocols(settings.upgrade);
  let isClosed = false;

  // Named, so that it has a name in the app's stack traces.
  function proxyBalancer(req: IncomingMessage, res: ServerResponse, next: Next): void {
    if (isClosed) next(new BalancerError('ERR_BALANCER_CLOSED', { balancer: settings.name }));
    else handleRequest(parts, reader, req, res, next, upgradeOf(req));
  }

  return Object.assign(proxyBalancer, {
    upgrade(req: IncomingMessage, socket: Duplex, head: Buffer) {
      const res = respondToUpgrade(req, socket, head);
      if (!res) return;
      proxyBalancer(req, res, (error) => {
        answerAlone(res, error);
      });
    },
    // The names are those of the definition that Route and Url were inferred from.
    view: () => viewMembers(parts.members.view(), now()) as readonly MemberSnapshot<Route | Url>[],
    async close({ grace = 0 }: CloseOptions = {}) {
      isClosed = true;
      await parts.inFlight.settle(grace);
      await parts.sender.destroy();
    },
  });
}
