import { findUnfit, readPath, type PathReading } from './path.ts';

/** Reads what a mapping has made of a client's path: however it was made, it does not climb out of a member's own path. */
export type ReadMapped = (path: string) => PathReading;

/** It begins with exactly one slash. */
export function readMappedPath(path: string): PathReading {
  const problem = findProblem(path);
  return problem === undefined ? readPath(path) : { problem };
}

/** As httpd: what it begins with stays, be it several slashes. */
export function readHttpdPath(path: string): PathReading {
  const problem = findProblem(path);
  if (problem !== undefined) return { problem };
  const start = /^\/*/.exec(path)![0];
  // httpd looks for another balancer, and answers 500 when there is none.
  if (start === '') return { problem: 'the path is glued to the name of the balancer', status: 500 };
  const read = readPath(path);
  return 'path' in read ? { path: start + read.path.slice(1) } : read;
}

function findProblem(path: string): string | undefined {
  const unfit = path.includes('?') ? 'a ?' : findUnfit(path);
  return unfit === undefined ? undefined : `the path below the members' own holds ${unfit}`;
}

/** What is wrong with a query that a mapping puts for the client's. */
export function findQueryProblem(query: string): string | undefined {
  if (query !== '' && !query.startsWith('?')) return 'the query for the members has no ?';
  const unfit = findUnfit(query);
  return unfit === undefined ? undefined : `the query for the members holds ${unfit}`;
}
