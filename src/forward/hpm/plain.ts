import type { HttpProxyMiddleware } from '../../definition/definition.ts';
import type { Outbound } from '../sender.ts';

/** Whether an option has a say in no more than how a request is made, once and for all. */
const makesRequests: Readonly<Record<keyof HttpProxyMiddleware, boolean>> = {
  // Asked before, of the client's own request.
  pathFilter: true,
  pathRewrite: false,
  plugins: false,
  // There is none to eject.
  ejectPlugins: true,
  on: false,
  logger: false,
  agent: true,
  ssl: true,
  secure: true,
  toProxy: true,
  prependPath: true,
  ignorePath: true,
  localAddress: true,
  changeOrigin: true,
  preserveHeaderKeyCase: true,
  auth: true,
  hostRewrite: false,
  autoRewrite: false,
  protocolRewrite: false,
  cookieDomainRewrite: false,
  cookiePathRewrite: false,
  headers: true,
  proxyTimeout: true,
  upgradeTimeout: true,
  timeout: false,
  selfHandleResponse: false,
  followRedirects: false,
};

/** Whether nobody but httpxy sees a request and its answer, and httpxy would pass the answer on as it is. */
export function isPlain(options: HttpProxyMiddleware): boolean {
  return Object.entries(options).every(
    ([name, value]) =>
      value === undefined || (makesRequests as Readonly<Record<string, boolean>>)[name] === true,
  );
}

/** Whether httpxy passes a request's framing on as it is: it looks for lengths, in lower case, and counts some that have none. */
export function isPlainRequest({ method, upgrade }: Outbound): boolean {
  return upgrade === undefined && method !== 'DELETE' && method !== 'OPTIONS';
}
