import { isIP } from 'node:net';
import { createProxyMiddleware, loggerPlugin, proxyEventsPlugin, type Plugin } from 'http-proxy-middleware';
import type { HttpProxyMiddleware } from '../../definition/definition.ts';
import type { MemberSettings } from '../../definition/settings.ts';
import { createAgents, type Agents } from './agents.ts';
import type { HpmAttempt } from './attempt.ts';
import { HpmExchange } from './exchange.ts';
import { guardListeners, warnOf } from './guard.ts';
import { HpmUpgrade } from './upgrade.ts';

/** One member's http-proxy-middleware. */
export type HpmMember = Readonly<{
  agents: Agents;
  begin(attempt: HpmExchange | HpmUpgrade): void;
}>;

/** Events at which the request is not on its way yet. */
const requestEvents: ReadonlySet<string | symbol> = new Set(['start', 'proxyReq', 'proxyReqWs']);

/** Makes the http-proxy-middleware of one member out of the user's options, less what the balancer does by itself. */
export function createHpmMember(
  { pathFilter: _asked, ...options }: HttpProxyMiddleware,
  member: MemberSettings,
): HpmMember {
  const agents = createAgents(member);
  const attempts = new WeakMap<object, HpmExchange | HpmUpgrade>();
  const target = targetOf(member, options);

  /** Comes before all other plugins, so that what it does is done when they look. */
  const watch: Plugin = (proxy) => {
    proxy.on('start', (req) => {
      const attempt = attempts.get(req);
      if (attempt instanceof HpmExchange) attempt.start();
    });
    proxy.on('proxyReq', (request, req, _res, now) => attempts.get(req)?.adopt(request, now));
    proxy.on('proxyReqWs', (request, req, _socket, now) => attempts.get(req)?.adopt(request, now));
    // Told before the listeners of the user's, so that what they answer is not taken for an answer of the member's.
    proxy.on('error', (error, req) => {
      const attempt = req && attempts.get(req);
      // Without a code it is a user's function that has thrown, while an upgrade was prepared.
      attempt?.fail(error, attempt.isStarted || 'code' in error ? undefined : 'bad-request');
    });
    guardListeners(proxy, (error, event, args) => {
      const attempt = findAttempt(args);
      if (attempt?.isLive) attempt.fail(error, requestEvents.has(event) ? 'bad-request' : 'bad-answer');
      else warnOf(error);
    });
  };

  function findAttempt(args: readonly unknown[]): HpmAttempt | undefined {
    for (const arg of args) {
      const attempt = typeof arg === 'object' && arg !== null ? attempts.get(arg) : undefined;
      if (attempt) return attempt;
    }
    return undefined;
  }

  const handle = createProxyMiddleware({
    ...options,
    target,
    ws: false,
    xfwd: false,
    secure: member.tls?.rejectUnauthorized ?? options.secure ?? true,
    ssl: { ...(options.ssl as object | undefined), ...connectionOptions(member) },
    ...(options.headers ? { headers: withoutExpect(options.headers) } : {}),
    // Not a choice of target: the one place where options are one request's own.
    router(req, _res, now) {
      const attempt = attempts.get(req);
      if (attempt) attempt.isTaken = true;
      if (options.agent === undefined) {
        // A member that sends content with an answer to HEAD, a common mistake, would spoil the next request's answer.
        const isSingle = attempt?.fresh === true || attempt instanceof HpmUpgrade || req.method === 'HEAD';
        now.agent = isSingle ? agents.single : agents.pooled;
      }
      return target;
    },
    // Failover decides what the client gets: no error page of http-proxy-middleware's.
    ejectPlugins: true,
    plugins: [watch, ...defaultPlugins(options), ...(options.plugins ?? [])],
  });

  function begin(attempt: HpmExchange | HpmUpgrade): void {
    const { req } = attempt.shown;
    attempts.set(req, attempt);
    const refuse = (): void => {
      attempt.fail(new Error('http-proxy-middleware leaves this path alone'), 'bad-request');
    };
    if (attempt instanceof HpmExchange) {
      const next = (error?: unknown): void => {
        if (error === undefined) refuse();
        else attempt.fail(error, attempt.isStarted ? undefined : 'bad-request');
      };
      handle(req, attempt.shown.res, next).catch(next);
      return;
    }
    const mismatch = attempt.findMismatch();
    if (mismatch !== undefined) {
      attempt.fail(new Error(`http-proxy-middleware does not do ${mismatch}`), 'bad-request');
      return;
    }
    handle.upgrade(req, attempt.shown.socket, Buffer.alloc(0));
    // It says nothing about an upgrade that it leaves alone.
    setImmediate(() => {
      if (!attempt.isTaken) refuse();
    });
  }

  return { agents, begin };
}

function defaultPlugins({ ejectPlugins, logger }: HttpProxyMiddleware): Plugin[] {
  if (ejectPlugins) return [];
  return logger ? [proxyEventsPlugin, loggerPlugin] : [proxyEventsPlugin];
}

/** Where the member is, in the form that http-proxy-middleware joins paths to. */
function targetOf(member: MemberSettings, { ignorePath }: HttpProxyMiddleware): URL | object {
  const pathname = ignorePath ? member.path : `${member.basePath}/`;
  if (member.socketPath === undefined) return new URL(pathname, member.origin);
  const { socketPath, protocol, host, port } = member;
  return { socketPath, protocol, host, port, pathname, href: `${member.origin}${pathname}` };
}

/** Options of Node's `request` for one member. */
function connectionOptions(member: MemberSettings): object {
  // Node would take the name from the Host header. RFC 6066 3: an address is no name.
  const servername = member.tls?.servername ?? (isIP(member.hostname) ? '' : member.hostname);
  return {
    maxHeaderSize: member.maxHeadBytes,
    ...(member.protocol === 'https:' ? { ...member.tls, servername } : {}),
  };
}

/** httpxy announces no request that has one, and 100 (Continue) is settled between the client and us. */
function withoutExpect(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'expect'));
}
