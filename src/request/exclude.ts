import type { IncomingMessage } from 'node:http';
import type { PathPattern } from '../definition/definition.ts';
import { execPattern } from '../patterns/exec-pattern.ts';
import { decodePath } from './decode-path.ts';

/** Answers whether a path below the mount path is left to the app. */
export type IsExcluded = (path: string, req: IncomingMessage) => boolean;

/** Makes `exclude` ready to use; undefined if nothing is excluded. */
export function compileExclude(patterns: readonly PathPattern[]): IsExcluded | undefined {
  if (patterns.length === 0) return undefined;
  const questions = patterns.map(compilePattern);
  return (path, req) => {
    const decoded = decodePath(path);
    return questions.some((isMatch) => isMatch(decoded, req));
  };
}

function compilePattern(pattern: PathPattern): IsExcluded {
  if (typeof pattern === 'function') return (_path, req) => readAnswer(pattern(req));
  if (pattern instanceof RegExp) return (path) => execPattern(pattern, path) !== null;
  return (path) => isBelow(path, pattern);
}

/** @throws {TypeError} for a promise, which would exclude every request. */
function readAnswer(answer: unknown): boolean {
  if (typeof answer !== 'boolean') throw new TypeError('exclude has returned neither true nor false');
  return answer;
}

/**
 * httpd's prefix match: a run of slashes equals any other, and the prefix ends where a segment does.
 * A prefix that ends in a slash wants one in the path too.
 */
function isBelow(path: string, prefix: string): boolean {
  let at = 0;
  for (let i = 0; i < prefix.length; i += 1) {
    if (path[at] !== prefix[i]) return false;
    at += 1;
    if (prefix[i] !== '/') continue;
    while (prefix[i + 1] === '/') i += 1;
    while (path[at] === '/') at += 1;
  }
  return prefix.endsWith('/') || at === path.length || path[at] === '/';
}
