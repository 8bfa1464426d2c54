import { isIP } from 'node:net';
import { loggerPlugin, proxyEventsPlugin, type Options, type Plugin } from 'http-proxy-middleware';
import type { HttpProxyMiddleware } from '../../definition/definition.ts';
import type { MemberSettings } from '../../definition/settings.ts';

/** The user's options as they are for one member, less what the balancer does by itself. */
export function optionsFor({ agent, ...options }: HttpProxyMiddleware, member: MemberSettings): Options {
  return {
    ...options,
    // Left out where it is undefined: the member has agents of its own.
    ...(agent === undefined ? {} : { agent: agent as unknown }),
    target: targetOf(member, options),
    ws: false,
    xfwd: false,
    // Redirects are mapped back by the balancer; here they would keep the member's port.
    autoRewrite: false,
    secure: member.tls?.rejectUnauthorized ?? options.secure ?? true,
    ssl: { ...(options.ssl as object | undefined), ...connectionOptions(member) },
    ...(options.headers ? { headers: withoutExpect(options.headers) } : {}),
  };
}

/** http-proxy-middleware's own plugins that there is something to do for. */
export function defaultPlugins({ ejectPlugins, logger }: HttpProxyMiddleware): Plugin[] {
  if (ejectPlugins) return [];
  return logger ? [proxyEventsPlugin, loggerPlugin] : [proxyEventsPlugin];
}

/** Where the member is, in the form that http-proxy-middleware joins paths to. */
function targetOf(member: MemberSettings, { ignorePath }: HttpProxyMiddleware): URL | object {
  const pathname = ignorePath ? member.path : `${member.basePath}/`;
  const { socketPath, protocol, hostname, host, port } = member;
  if (socketPath === undefined) {
    const url = new URL(pathname, member.origin);
    // As http-proxy-middleware does: Node would look a name with brackets up.
    if (isIP(hostname) !== 6) return fixParts(url);
    return { protocol, hostname: hostname === '::' ? '::1' : hostname, port: url.port, pathname, search: '' };
  }
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

/** httpxy reads some twenty parts of it for each request, and those of a URL are made anew whenever they are read. */
function fixParts(url: URL): URL {
  const { protocol, host, hostname, port, pathname, search } = url;
  const parts = { protocol, host, hostname, port, pathname, search };
  return Object.defineProperties(url, Object.getOwnPropertyDescriptors(parts));
}
