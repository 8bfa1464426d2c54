/** What `engines` of package.json says; a test holds the two together. */
export const engines = '^22.19.0 || ^24.0.0 || >=26.0.0';

/** The first with all that is used here. */
const oldest = 22;

/**
 * npm only warns of a Node that is too old, and an older one starts, serves, and fails at the first method that it lacks.
 *
 * @throws {Error} when it is older than Node 22.
 */
export function checkNode(version: string): void {
  if (Number.parseInt(version, 10) < oldest)
    throw new Error(`express-proxy-balancer needs Node ${engines}, and this is ${version}`);
}
