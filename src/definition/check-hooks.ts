import { copyOptions } from './copy-definition.ts';
import { proxyEvents } from './http-proxy-middleware-words.ts';
import { refuseNonOptions } from './judges.ts';
import { joinPath, stateProblem, type Check, type Fault } from './problem.ts';
import { findNearest, foldName } from './spelling.ts';

/** The check of `httpProxyMiddleware.on`: a function for each event. */
export const checkHooks: Check = (value, path) => {
  const hooks = copyOptions(value);
  if (hooks === undefined) return refuseNonOptions(value, path, 'write { proxyReq: … }, functions by event');
  return Object.entries(hooks).flatMap(([name, hook]) => {
    const fault = judgeEvent(name) ?? judgeHook(hook);
    return fault ? [stateProblem(joinPath(path, name), hook, fault)] : [];
  });
};

function judgeEvent(name: string): Fault | undefined {
  if ((proxyEvents as readonly string[]).includes(name)) return undefined;
  const short = foldName(name).replace(/^on/, '').replace('request', 'req').replace('response', 'res');
  const nearest = findNearest(short, proxyEvents);
  // Plugins and later versions may tell of more.
  return nearest === undefined
    ? undefined
    : { problem: 'nothing of that name is told', advice: `write ${nearest}` };
}

function judgeHook(hook: unknown): Fault | undefined {
  // It passes over what is nothing.
  if (!hook || typeof hook === 'function') return undefined;
  return { problem: 'it must be a function', advice: 'write (proxyReq, req, res) => …, as its event has it' };
}
