import { delimiter, join } from 'node:path';

/** A server or a tool that comes with the system, not with npm. */
export type Program = Readonly<{
  name: string;
  /** The package of Debian that brings it. */
  package: string;
  /** The one place where tests look for it, and the variable that names another. Undefined: it is looked for in PATH. */
  place?: Readonly<{ path: string; variable: string }>;
}>;

/** One thing that CI runs. */
export type Step = Readonly<{
  name: string;
  /** What it checks, in a few words. */
  about: string;
  /** A script of package.json, and what it is handed. */
  run: readonly [script: string, ...args: string[]];
  /** Without one of these there is nothing to run. */
  needs?: readonly Program[];
  /** Without one of these some of it is left out. */
  uses?: readonly Program[];
}>;

const redis: Program = {
  name: 'redis-server',
  package: 'redis-server',
  place: { path: '/usr/bin/redis-server', variable: 'REDIS_SERVER' },
};
const httpd: Program = {
  name: 'apache2',
  package: 'apache2-bin',
  place: { path: '/usr/sbin/apache2', variable: 'HTTPD' },
};
const chromium: Program = {
  name: 'chromium',
  package: 'chromium',
  place: { path: '/usr/bin/chromium', variable: 'CHROMIUM' },
};
const ip: Program = { name: 'ip', package: 'iproute2' };
const nginx: Program = { name: 'nginx', package: 'nginx-light' };
const haproxy: Program = { name: 'haproxy', package: 'haproxy' };
const wrk: Program = { name: 'wrk', package: 'wrk' };

const peers = [nginx, haproxy, httpd, wrk];

/** All that CI runs, in its order: what is quick or most often wrong comes first. */
export const steps: readonly Step[] = [
  { name: 'audit', about: 'known weaknesses of what is installed with the package', run: ['audit'] },
  { name: 'test', about: 'build, format, lint, types, tests and coverage', run: ['test'], uses: peers },
  { name: 'api', about: 'the reference made of the docstrings', run: ['docs:api'] },
  {
    name: 'tarball',
    about: 'what is packed, as publint and are-the-types-wrong see it',
    run: ['lint:package'],
  },
  { name: 'package', about: 'projects that install the packed package', run: ['test:package'] },
  { name: 'faults', about: 'faults, load and hostile input', run: ['test:faults'] },
  { name: 'smoke', about: 'each benchmark, short', run: ['bench', '--smoke'], uses: [...peers, redis] },
  { name: 'bench', about: 'the verdict beside the peers', run: ['bench', '--quick'], uses: peers },
  { name: 'httpd', about: 'side by side with a real httpd', run: ['test:httpd'], needs: [httpd] },
  { name: 'redis', about: 'shared state over a real Redis', run: ['test:redis'], needs: [redis], uses: [ip] },
  { name: 'browser', about: 'the manager in a real browser', run: ['test:browser'], needs: [chromium] },
  { name: 'example', about: 'the example app as a user tries it', run: ['test:example'], uses: [redis] },
];

/** Finds steps by their names, in the order of the list; all without a name. Throws an Error that says what may be written. */
export function findSteps(names: readonly string[], among: readonly Step[] = steps): readonly Step[] {
  const unknown = names.filter((name) => !among.some((step) => step.name === name));
  if (unknown.length > 0) {
    const known = among.map(({ name }) => name).join(', ');
    throw new Error(`there is no step ${unknown.map((name) => `'${name}'`).join(', ')}: write ${known}`);
  }
  return names.length === 0 ? among : among.filter(({ name }) => names.includes(name));
}

/** Lists programs that are not there, each once. `isThere`: whether there is a file. */
export function findMissing(
  programs: readonly Program[],
  isThere: (path: string) => boolean,
  environment: Readonly<Record<string, string | undefined>>,
): readonly Program[] {
  // As in bench/: an ordinary user's PATH may not have it.
  const folders = [...(environment['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  const isMissing = ({ name, place }: Program): boolean =>
    place
      ? !isThere(environment[place.variable] ?? place.path)
      : !folders.some((folder) => folder !== '' && isThere(join(folder, name)));
  return [...new Set(programs)].filter(isMissing);
}

/** All programs of some steps. */
export function listPrograms(some: readonly Step[]): readonly Program[] {
  return some.flatMap(({ needs = [], uses = [] }) => [...needs, ...uses]);
}
