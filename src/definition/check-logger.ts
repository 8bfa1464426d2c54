import { unreadable } from './describe.ts';
import { checkBy, type Check } from './problem.ts';

/** The check of `logger`: all three of its methods are called. */
export const checkLogger: Check = checkBy((value) => {
  if (value === false) return undefined;
  const advice = 'write console, an object with info, warn and error, or false';
  if (value === unreadable || value === null || (typeof value !== 'object' && typeof value !== 'function')) {
    return { problem: 'it is no logger', advice };
  }
  const missing = ['info', 'warn', 'error'].filter((method) => !hasMethod(value, method));
  if (missing.length === 0) return undefined;
  return { problem: `it has no ${missing.join(' and no ')}`, advice };
});

function hasMethod(value: object, name: string): boolean {
  try {
    return typeof (value as Readonly<Record<string, unknown>>)[name] === 'function';
  } catch {
    return false;
  }
}
