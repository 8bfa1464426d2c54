import { isArray } from './describe.ts';
import { isString, refuseNonOptions } from './judges.ts';
import { checkOptions, isOptions, stateProblem, type Check, type Options, type Problem } from './problem.ts';
import { checkUnknownIn } from './unknown-options.ts';
import { optionNames } from './option-names.ts';

// What its options may be is its own business.
const checks = Object.fromEntries(
  optionNames.httpProxyMiddleware.map((name): [string, Check] => [name, () => []]),
);

/** The check of `httpProxyMiddleware`: what the balancer stands for, and misspellings. */
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
