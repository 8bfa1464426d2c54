import { quote } from '../definition/describe.ts';
import { DefinitionError, stateProblem, type Fault } from '../definition/problem.ts';
import type { Mapping } from './mapping.ts';
import { findUnfit, readPath } from './path.ts';

/**
 * Maps every path to below this one; undefined for the root, which changes nothing.
 *
 * @throws {DefinitionError} when it is no path, or one that members could read otherwise than we do.
 */
export function mapBelow(path: unknown): Mapping | undefined {
  const fault = judgePath(path);
  if (fault) throw new DefinitionError([stateProblem('path', path, fault)], 'What at is asked for');
  const memberPath = (path as string).replace(/\/+$/, '');
  return memberPath === '' ? undefined : { memberPath, toMember: (below) => memberPath + below };
}

function judgePath(path: unknown): Fault | undefined {
  const example = "write a path below the members' own, such as '/app'";
  if (typeof path !== 'string') return { problem: 'it must be a path', advice: example };
  if (!path.startsWith('/')) {
    const advice = /^[\w.-]+(\/[\w./-]*)?$/.test(path) ? `write ${quote(`/${path}`)}` : example;
    return { problem: 'a path begins with /', advice };
  }
  if (path.includes('?')) return { problem: 'a path has no query', advice: 'write what stands before the ?' };
  // A `\` is no slash to us, and one to others.
  const unfit = path.includes('\\') ? 'a backslash' : (findUnfit(path) ?? findForeign(path));
  if (unfit !== undefined) return { problem: `it holds ${unfit}`, advice: 'write it percent-encoded' };
  const read = readPath(path);
  if ('problem' in read) return { problem: read.problem, advice: example };
  return read.path === path
    ? undefined
    : { problem: 'it has dot segments, or two slashes at its start', advice: `write ${quote(read.path)}` };
}

/** Bytes are for clients to send; a text has letters. */
function findForeign(path: string): string | undefined {
  return /[^!-~]/.test(path) ? 'a letter beyond ASCII' : undefined;
}
