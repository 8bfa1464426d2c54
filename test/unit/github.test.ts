import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { findSteps, steps } from '../../scripts/check/steps.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const manifest = JSON.parse(read('package.json')) as Readonly<{
  scripts: Readonly<Record<string, string>>;
  engines: Readonly<{ node: string }>;
  devDependencies: Readonly<Record<string, string>>;
}>;

type Permissions = Readonly<Record<string, string>>;
type Action = Readonly<{ uses?: string; run?: string; with?: Readonly<Record<string, unknown>> }>;
type Job = Readonly<{
  'runs-on': string;
  'timeout-minutes'?: number;
  permissions?: Permissions;
  needs?: string;
  environment?: unknown;
  strategy?: Readonly<{ matrix: Readonly<Record<string, readonly unknown[]>> }>;
  env?: unknown;
  steps: readonly (Action & Readonly<{ env?: Readonly<Record<string, string>> }>)[];
}>;
type Workflow = Readonly<{
  name: string;
  on: Readonly<Record<string, unknown>>;
  permissions: Permissions;
  concurrency?: unknown;
  jobs: Readonly<Record<string, Job>>;
}>;

const names = readdirSync(join(root, '.github/workflows'));
const workflows = new Map(
  names.map((name) => [name, parse(read(`.github/workflows/${name}`)) as Workflow] as const),
);
const jobs = [...workflows].flatMap(([file, { jobs: all }]) =>
  Object.entries(all).map(([name, job]) => [`${file}: ${name}`, job] as const),
);
const ci = workflows.get('ci.yml')!;
const release = workflows.get('release.yml')!;

/** The majors that `engines` allows: `22`, `24`, `26`. */
const majors = [...manifest.engines.node.matchAll(/(\d+)\.\d+\.\d+/g)].map(([, major]) => Number(major));

test('there are workflows for tests, releases, pages and security', () => {
  expect(names.toSorted()).toEqual(['ci.yml', 'pages.yml', 'release.yml', 'security.yml']);
});

describe.each([...workflows])('%s', (_file, workflow) => {
  test('may read, and nothing more, unless a job says so', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
  });

  test('does not pile up', () => {
    expect(workflow.concurrency).toBeDefined();
  });
});

describe.each(jobs)('%s', (name, job) => {
  test('has an end, and runs on Linux', () => {
    expect(job['timeout-minutes']).toBeGreaterThan(0);
    expect(job['runs-on']).toBe('ubuntu-latest');
  });

  test('may do what it is there for, and nothing else', () => {
    const allowed: Readonly<Record<string, Permissions>> = {
      'release.yml: publish': { contents: 'read', 'id-token': 'write' },
      'release.yml: announce': { contents: 'write' },
      'pages.yml: deploy': { pages: 'write', 'id-token': 'write' },
      'security.yml: codeql': { contents: 'read', 'security-events': 'write' },
    };
    expect(job.permissions).toEqual(allowed[name]);
  });

  test('uses actions of GitHub, by their major version, and keeps no credentials', () => {
    for (const { uses, with: options } of job.steps.filter((step) => step.uses !== undefined)) {
      expect(uses).toMatch(/^(?:actions|github)\/[\w/-]+@v\d+$/);
      if (uses!.startsWith('actions/checkout@'))
        expect(options).toMatchObject({ 'persist-credentials': false });
    }
  });

  test('runs what is there', () => {
    for (const { run = '' } of job.steps) {
      for (const [, script] of run.matchAll(/npm run (?:--silent )?([\w:-]+)/g)) {
        expect(Object.keys(manifest.scripts)).toContain(script);
      }
      for (const [, path] of run.matchAll(/node (scripts\/[\w/.-]+)/g)) {
        expect(existsSync(join(root, path!))).toBe(true);
      }
      for (const [, args] of run.matchAll(/^\.ci\/run ([a-z ]+)$/gm)) {
        expect(findSteps(args!.split(' '))).not.toEqual([]);
      }
    }
  });

  // What is put into a script by the runner is run by it: a branch may be called `$(…)`.
  test('hands names that others choose to scripts by the environment', () => {
    for (const { run = '' } of job.steps) {
      expect(
        [...run.matchAll(/\$\{\{\s*([\w.]+)/g)].filter(([, value]) => !value!.startsWith('matrix.')),
      ).toEqual([]);
    }
  });

  test('knows no secrets', () => {
    expect(JSON.stringify(job)).not.toContain('secrets.');
  });
});

describe('ci.yml', () => {
  test('runs for every change, and its tests on every Node that is supported', () => {
    expect(Object.keys(ci.on)).toEqual(['push', 'pull_request']);
    expect(ci.jobs['test']!.strategy!.matrix['node']).toEqual(majors);
  });

  test('runs all steps of `npm run check`, each once', () => {
    const suites = ci.jobs['suite']!.strategy!.matrix['steps'] as readonly string[];
    const run = ['test', ...suites.flatMap((suite) => suite.split(' '))];
    expect(run.toSorted()).toEqual(steps.map(({ name }) => name).toSorted());
  });

  test('is what `.ci/run` is, on the Node that the job names', () => {
    const script = read('.ci/run');
    expect(spawnSync('bash', ['-n', join(root, '.ci/run')]).status).toBe(0);
    expect(script).toMatch(/^npm install /m);
    expect(script).toContain('npm install --no-save --no-audit --no-fund "node@$NODE"');
    expect(script).toMatch(/^npm run --silent check -- "\$@"$/m);
    expect(ci.jobs['test']!.steps.at(-1)).toEqual({
      run: '.ci/run test',
      env: { NODE: '${{ matrix.node }}' },
    });
  });
});

describe('release.yml', () => {
  test('publishes what a tag of a version has, after it was verified', () => {
    expect(release.on).toEqual({ push: { tags: ['v*'] } });
    expect(release.jobs['publish']!.needs).toBe('verify');
    expect(release.jobs['announce']!.needs).toBe('publish');
    const verify = release.jobs['verify']!.steps.map(({ run }) => run);
    expect(verify).toContain('node scripts/release.ts --verify "$GITHUB_REF_NAME"');
    expect(verify).toContain('.ci/run audit test tarball package');
  });

  test('by trust in this workflow, with a provenance that leads to the repository', () => {
    const { steps: all, environment } = release.jobs['publish']!;
    const text = all.map(({ run }) => run).join('\n');
    expect(environment).toBe('npm');
    expect(text).toMatch(/^npm publish --provenance --access public /m);
    expect(text.indexOf('repository.url=git+https://github.com/$GITHUB_REPOSITORY.git')).toBeGreaterThan(0);
    expect(text.indexOf('npm pkg set')).toBeLessThan(text.indexOf('npm publish'));
  });
});

describe('what is asked of whoever reports', () => {
  type Form = Readonly<{
    name: string;
    body: readonly Readonly<{
      type: string;
      id?: string;
      attributes: Readonly<Record<string, unknown>>;
    }>[];
  }>;
  const folder = '.github/ISSUE_TEMPLATE';
  const forms = ['bug.yml', 'feature.yml', 'question.yml'];

  test('there is a form for each kind, and weaknesses go another way', () => {
    expect(readdirSync(join(root, folder)).toSorted()).toEqual([...forms, 'config.yml'].toSorted());
    const config = parse(read(`${folder}/config.yml`)) as Readonly<{
      blank_issues_enabled: boolean;
      contact_links: readonly Readonly<{ name: string; url: string; about: string }>[];
    }>;
    expect(config.blank_issues_enabled).toBe(false);
    expect(config.contact_links[0]!.about).toContain('SECURITY.md');
    expect(read('SECURITY.md')).toContain('_Report a vulnerability_');
  });

  test.each(forms)(
    '%s: every field has a label and a name of its own, and pages that it names are there',
    (name) => {
      const text = read(`${folder}/${name}`);
      const fields = (parse(text) as Form).body.filter(({ type }) => type !== 'markdown');
      const ids = fields.map(({ id }) => id);
      expect(fields.length).toBeGreaterThan(1);
      expect(ids.every((id) => /^[a-z]+$/.test(id ?? ''))).toBe(true);
      expect(new Set(ids).size).toBe(ids.length);
      expect(fields.every(({ attributes }) => typeof attributes['label'] === 'string')).toBe(true);
      for (const [path] of text.matchAll(/\b(?:docs\/)?[\w-]+\.md\b/g)) {
        expect([path, existsSync(join(root, path))]).toEqual([path, true]);
      }
    },
  );

  test('bugs come with what finds them', () => {
    const bug = read(`${folder}/bug.yml`);
    for (const word of ['express-proxy-balancer express', 'node --version', 'explain', 'DEBUG=']) {
      expect(bug).toContain(word);
    }
  });
});

test('editors are told what prettier and package.json say', () => {
  const { printWidth } = JSON.parse(read('.prettierrc.json')) as { printWidth: number };
  expect(read('.editorconfig')).toContain(`max_line_length = ${printWidth}`);
  expect(read('.node-version').trim()).toBe(/\d+/.exec(manifest.devDependencies['node']!)![0]);
});

test('updates are proposed for packages and actions', () => {
  const { updates } = parse(read('.github/dependabot.yml')) as {
    updates: readonly Readonly<{
      'package-ecosystem': string;
      ignore?: readonly Readonly<Record<string, string>>[];
    }>[];
  };
  expect(updates.map((each) => each['package-ecosystem'])).toEqual(['npm', 'github-actions']);
  for (const { 'dependency-name': name } of updates[0]!.ignore!)
    expect(manifest.devDependencies).toHaveProperty(name!);
});
