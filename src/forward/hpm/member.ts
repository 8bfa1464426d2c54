import { createProxyMiddleware, type Plugin } from 'http-proxy-middleware';
import type { HttpProxyMiddleware } from '../../definition/definition.ts';
import type { MemberSettings } from '../../definition/settings.ts';
import { expectsContent } from '../wire/write-head.ts';
import { createAgents, type Agents } from './agents.ts';
import { findAttempt, type HpmAttempt } from './attempt.ts';
import { HpmExchange } from './exchange.ts';
import { guardListeners, toError, warnOf } from './guard.ts';
import { defaultPlugins, optionsFor } from './member-options.ts';
import { show } from './overlay.ts';
import { HpmPlainExchange } from './plain-exchange.ts';
import { HpmSending } from './sending.ts';
import { HpmUpgrade } from './upgrade.ts';

/** One member's http-proxy-middleware. */
export type HpmMember = Readonly<{
  agents: Agents;
  begin(attempt: HpmExchange | HpmPlainExchange | HpmUpgrade): void;
}>;

/** Events at which the request is not on its way yet. */
const requestEvents: ReadonlySet<string | symbol> = new Set(['start', 'proxyReq', 'proxyReqWs']);

/** Makes the http-proxy-middleware of one member out of the user's options, less what the balancer does by itself. */
export function createHpmMember(
  { pathFilter: _asked, ...options }: HttpProxyMiddleware,
  member: MemberSettings,
): HpmMember {
  const agents = createAgents(member);
  const own = optionsFor(options, member);
  let server: Parameters<Plugin>[0];

  /** Comes before all other plugins, so that what it does is done when they look. */
  const watch: Plugin = (proxy) => {
    server = proxy;
    proxy.on('start', (req) => {
      const attempt = findAttempt(req);
      if (attempt instanceof HpmSending) attempt.start();
    });
    proxy.on('proxyReq', (request, req, _res, now) => findAttempt(req)?.adopt(request, now));
    proxy.on('proxyReqWs', (request, req, _socket, now) => findAttempt(req)?.adopt(request, now));
    // Told before the listeners of the user's, so that what they answer is not taken for an answer of the member's.
    proxy.on('error', (error, req) => {
      const attempt = findAttempt(req);
      // Without a code it is a user's function that has thrown, while an upgrade was prepared.
      attempt?.fail(error, attempt.isStarted || 'code' in error ? undefined : 'bad-request');
    });
    guardListeners(
      proxy,
      (error, event, args) => {
        const attempt = args.map(findAttempt).find((each) => each !== undefined);
        if (attempt?.isLive) attempt.fail(error, requestEvents.has(event) ? 'bad-request' : 'bad-answer');
        else warnOf(error);
      },
      show,
    );
  };

  const handle = createProxyMiddleware({
    ...own,
    // Not a choice of target: the one place where options are one request's own.
    router(req, _res, now) {
      const attempt = findAttempt(req);
      if (attempt) attempt.isTaken = true;
      if (attempt && options.agent === undefined) now.agent = agents[kindOfAgent(attempt, req.method)];
      return own.target!;
    },
    // Failover decides what the client gets: no error page of http-proxy-middleware's.
    ejectPlugins: true,
    plugins: [watch, ...defaultPlugins(options), ...(options.plugins ?? [])],
  });

  const { pathRewrite, plugins } = options;
  // Plugins may have put something around what is told and shown.
  const isDirect = pathRewrite === undefined && plugins === undefined;
  const direct = {
    pooled: { agent: agents.pooled, ...own },
    single: { agent: agents.single, ...own },
  };

  /**
   * Asks httpxy. What http-proxy-middleware does before is to filter paths, to look for a target and to rewrite the path:
   * with its promises, its copies of options and its look at stand-ins through their Proxies, 60 µs of a small request's 290.
   */
  function ask(attempt: HpmExchange | HpmPlainExchange): void {
    // It may have been called off since.
    if (!attempt.isLive) return;
    const { req, res } = attempt.bare;
    server.web(req, res, direct[kindOfAgent(attempt, req.method)]).catch((thrown: unknown) => {
      // As http-proxy-middleware does; it is heard above.
      server.emit('error', toError(thrown), req, res, own.target!);
    });
  }

  function begin(attempt: HpmExchange | HpmUpgrade): void {
    const refuse = (): void => {
      attempt.fail(new Error('http-proxy-middleware leaves this path alone'), 'bad-request');
    };
    if (attempt instanceof HpmExchange) {
      const { req, res } = attempt.shown;
      const next = (error?: unknown): void => {
        if (error === undefined) refuse();
        else attempt.fail(error, attempt.isStarted ? undefined : 'bad-request');
      };
      handle(req, res, next).catch(next);
      return;
    }
    const mismatch = attempt.findMismatch();
    if (mismatch !== undefined) {
      attempt.fail(new Error(`http-proxy-middleware does not do ${mismatch}`), 'bad-request');
      return;
    }
    const { req, socket } = attempt.shown;
    handle.upgrade(req, socket, Buffer.alloc(0));
    // It says nothing about an upgrade that it leaves alone.
    setImmediate(() => {
      if (!attempt.isTaken) refuse();
    });
  }

  return {
    agents,
    begin(attempt) {
      if (attempt instanceof HpmPlainExchange) process.nextTick(ask, attempt);
      else if (attempt instanceof HpmExchange && isDirect) process.nextTick(ask, attempt);
      else begin(attempt);
    },
  };
}

/**
 * A member that sends content with an answer to HEAD, a common mistake, would spoil the next request's answer; one that looks
 * for no body behind a GET would read it as the next request.
 */
function kindOfAgent(attempt: HpmAttempt, method = ''): 'pooled' | 'single' {
  const isTrusted = !attempt.hasBody || expectsContent(method);
  const isKept = !attempt.fresh && !(attempt instanceof HpmUpgrade) && isTrusted && method !== 'HEAD';
  return isKept ? 'pooled' : 'single';
}
