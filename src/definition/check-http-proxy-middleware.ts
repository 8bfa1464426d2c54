import { checkHooks } from './check-hooks.ts';
import { checkLogger } from './check-logger.ts';
import { checkPathRewrite } from './check-paths.ts';
import { copyOptions } from './copy-definition.ts';
import { isArray } from './describe.ts';
import { checkList, isString, refuseNonOptions } from './judges.ts';
import {
  checkBy,
  checkOptions,
  isOptions,
  stateProblem,
  type Check,
  type Fault,
  type Options,
  type Problem,
} from './problem.ts';
import { checkUnknownIn } from './unknown-options.ts';
import { optionNames } from './option-names.ts';

/** What it would throw at the first request, or say nothing of at all; the rest is its own business. */
const checks: Readonly<Record<string, Check>> = {
  ...Object.fromEntries(optionNames.httpProxyMiddleware.map((name): [string, Check] => [name, () => []])),
  on: (value, path) => (value ? checkHooks(value, path) : []),
  // Read by it as ours is, but for null.
  pathRewrite: (value, path) => (value === null ? [] : checkPathRewrite(copyOptions(value) ?? value, path)),
  pathFilter: checkBy(judgePathFilter),
  plugins: checkList(judgePlugin, 'write [(proxyServer, options) => …]', () => false),
  logger: (value, path) => (value ? checkLogger(value, path) : []),
  prependPath: checkBy(judgePrependPath),
};

function judgePathFilter(value: unknown): Fault | undefined {
  if (isString(value) || typeof value === 'function') return undefined;
  const advice = "write '/api', ['/api', '/ajax'], ['/api/**', '!**/*.html'] or a function";
  if (!isArray(value) || !value.every(isString)) return { problem: 'it is no filter of paths', advice };
  const isMixed = value.some(isGlob) && value.some(isPlainPath);
  return isMixed
    ? { problem: 'a list has either paths or globs, and of both it lets nothing through', advice }
    : undefined;
}

/** Surely; of what is neither this nor a plain path, http-proxy-middleware knows. */
function isGlob(text: string): boolean {
  return /^[^\\]*\*/.test(text) || text.startsWith('!');
}

function isPlainPath(text: string): boolean {
  return /^[\w/.~%-]*$/.test(text);
}

function judgePlugin(value: unknown): Fault | undefined {
  return typeof value === 'function'
    ? undefined
    : { problem: 'it is no plugin', advice: 'write (proxyServer, options) => …' };
}

function judgePrependPath(value: unknown): Fault | undefined {
  if (value !== false) return undefined;
  const advice = "leave it and the path of the member's URL out";
  return { problem: "http-proxy-middleware 4 puts the URL's path first all the same", advice };
}

/** The check of `httpProxyMiddleware`: what the balancer stands for, misspellings, and what could not work. */
export const checkHttpProxyMiddleware: Check = (value, path) =>
  isOptions(value)
    ? checkOptions(value, path, checks, checkUnknownIn('httpProxyMiddleware'))
    : refuseNonOptions(value, path, 'write { … }, its own options; {} for none');

/** It switches to WebSocket alone. */
export function checkCarriedUpgrade({ httpProxyMiddleware, upgrade }: Options): readonly Problem[] {
  if (!isOptions(httpProxyMiddleware) || upgrade === undefined || upgrade === false) return [];
  const isCarried = (isArray(upgrade) ? upgrade : [upgrade]).every(
    (protocol) => isString(protocol) && protocol.toLowerCase() === 'websocket',
  );
  if (isCarried) return [];
  const advice = "write 'websocket' or false, or leave httpProxyMiddleware out";
  return [
    stateProblem('upgrade', upgrade, {
      problem: 'http-proxy-middleware does no other than websocket',
      advice,
    }),
  ];
}

/** It puts one slash where httpd's join has none, or several. */
export function checkCarriedPaths({ httpProxyMiddleware, compat }: Options): readonly Problem[] {
  if (!isOptions(httpProxyMiddleware) || compat !== 'httpd') return [];
  const fault = {
    problem: 'http-proxy-middleware joins paths in its own way',
    advice: 'leave it or httpProxyMiddleware out',
  };
  return [stateProblem('compat', compat, fault)];
}

/** Its word and httpd's word for the Host that members get must not contradict each other. */
export function checkChangeOrigin({ httpProxyMiddleware, proxypreservehost }: Options): readonly Problem[] {
  const changeOrigin = isOptions(httpProxyMiddleware) ? httpProxyMiddleware['changeOrigin'] : undefined;
  const preserves = proxypreservehost === true;
  if (changeOrigin === undefined || changeOrigin === !preserves) return [];
  const fault = preserves
    ? { problem: 'proxypreservehost: true says the opposite', advice: 'leave one of them out' }
    : { problem: 'the balancer writes Host', advice: 'write proxypreservehost: true beside members' };
  return [stateProblem('httpProxyMiddleware.changeOrigin', changeOrigin, fault)];
}

/** What `autoRewrite` is for, the balancer does by itself, and ports and relative redirects with it. */
export function checkAutoRewrite({ httpProxyMiddleware, proxypassreverse }: Options): readonly Problem[] {
  const autoRewrite = isOptions(httpProxyMiddleware) ? httpProxyMiddleware['autoRewrite'] : undefined;
  if (!autoRewrite || proxypassreverse !== false) return [];
  const fault = { problem: 'proxypassreverse: false says the opposite', advice: 'leave one of them out' };
  return [stateProblem('httpProxyMiddleware.autoRewrite', autoRewrite, fault)];
}
