import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { dateChanges, findNotes } from '../../../scripts/release/changelog.ts';
import {
  checkVersions,
  listVersions,
  paths,
  planRelease,
  type Files,
} from '../../../scripts/release/plan.ts';
import { findNextVersion, isVersion } from '../../../scripts/release/version.ts';

const root = join(import.meta.dirname, '../../..');

/** The files of this repository, but for what CHANGELOG.md is going to say. */
const own = Object.fromEntries(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')])) as Files;
const current = listVersions(own)[0]!.version;
const day = '2026-12-24';

test('every file of this repository has the same version, and CHANGELOG.md tells of it', () => {
  checkVersions(own, current);
  expect(listVersions(own).map(({ path }) => path)).toEqual([
    'package.json',
    'package-lock.json',
    'package-lock.json',
    'src/redis/format.ts',
    'src/redis/format.ts',
  ]);
  expect(findNotes(own['CHANGELOG.md'], current)).toMatch(
    /^\*\*(?:Breaking|Added|Changed|Fixed|Removed):\*\* /,
  );
});

describe('the next version', () => {
  test.each([
    ['0.8.0', 'patch', '0.8.1'],
    ['0.8.9', 'minor', '0.9.0'],
    ['0.8.1', 'major', '1.0.0'],
    ['1.2.3', '1.2.10', '1.2.10'],
    ['1.2.3', '2.0.0-rc.1', '2.0.0-rc.1'],
    ['2.0.0-rc.9', '2.0.0-rc.10', '2.0.0-rc.10'],
    ['2.0.0-rc.1', '2.0.0', '2.0.0'],
    ['2.0.0-rc.1', 'patch', '2.0.0'],
    // Of a version that was written before it was released.
    ['0.8.0', '0.8.0', '0.8.0'],
  ])('after %s, %s is %s', (version, wish, next) => {
    expect(findNextVersion(version, wish)).toBe(next);
  });

  test.each([
    ['1.2.3', '1.2.2', 'is older than 1.2.3'],
    ['1.2.3', '1.2.3-rc.1', 'is older than 1.2.3'],
    ['1.2.3', 'huge', 'is no version: write major, minor, patch'],
    ['1.2.3', 'v1.2.4', 'is no version'],
    ['1.2.3', '1.2', 'is no version'],
    ['1.2.3', '1.02.4', 'is no version'],
  ])('after %s, %s is none', (version, wish, words) => {
    expect(() => findNextVersion(version, wish)).toThrow(words);
  });

  test('is written as Semantic Versioning says', () => {
    expect(['1.0.0', '10.20.30-a.b-1'].filter(isVersion)).toHaveLength(2);
    expect(['1', '1.0', '01.0.0', '1.0.0-', '1.0.0+5', ' 1.0.0'].filter(isVersion)).toEqual([]);
  });
});

describe('CHANGELOG.md', () => {
  const older = '## 0.1.0\n\nFirst version.\n';

  test('what was unreleased becomes the version, with its day', () => {
    const text = `# Changes\n\n## Unreleased\n\n**Added:** a thing.\n\n${older}`;
    expect(dateChanges(text, '0.2.0', day)).toBe(
      `# Changes\n\n## 0.2.0 (2026-12-24)\n\n**Added:** a thing.\n\n${older}`,
    );
  });

  test('a version that has its section gets its day, and an empty one above goes', () => {
    const text = `# Changes\n\n## Unreleased\n\n## 0.2.0\n\n**Fixed:** it.\n\n${older}`;
    const dated = dateChanges(text, '0.2.0', day);
    expect(dated).toBe(`# Changes\n\n## 0.2.0 (2026-12-24)\n\n**Fixed:** it.\n\n${older}`);
    expect(dateChanges(dated, '0.2.0', day)).toBe(dated);
  });

  test.each([
    ['nothing', `# Changes\n\n${older}`, 'says nothing of 0.2.0'],
    ['an empty section', `# Changes\n\n## Unreleased\n\n${older}`, 'says nothing of 0.2.0'],
    ['two sections', `# Changes\n\n## Unreleased\n\nA\n\n## 0.2.0\n\nB\n\n${older}`, 'make one of them'],
  ])('with %s, there is no release', (_what, text, words) => {
    expect(() => dateChanges(text, '0.2.0', day)).toThrow(words);
  });

  test('tells what is new in a version, without its heading', () => {
    const text = '# Changes\n\n## 0.2.0 (2026-12-24)\n\nA\n\nB\n\n## 0.2.0-rc.1\n\nC\n';
    expect(findNotes(text, '0.2.0')).toBe('A\n\nB');
    expect(findNotes(text, '0.2.0-rc.1')).toBe('C');
    expect(() => findNotes(text, '0.2')).toThrow('says nothing of 0.2');
  });
});

test('a plan changes the version wherever it is written, and nothing else', () => {
  const files = { ...own, 'CHANGELOG.md': '# Changes\n\n## Unreleased\n\nA\n' };
  const { version, tag, files: planned } = planRelease(files, 'major', day);
  expect(tag).toBe(`v${version}`);
  checkVersions(planned, version);
  for (const path of paths.slice(0, 3)) {
    const [before, after] = [files[path].split('\n'), planned[path].split('\n')];
    const changed = after.filter((line, i) => line !== before[i]);
    expect(changed).toHaveLength(path === 'package.json' ? 1 : 2);
    expect(changed.every((line) => line.includes(version))).toBe(true);
  }
  const torn = { ...files, 'src/redis/format.ts': files['src/redis/format.ts'].replaceAll(current, '0.0.1') };
  expect(() => planRelease(torn, 'major', day)).toThrow('src/redis/format.ts has 0.0.1');
});

describe('npm run release, in a repository of its own', () => {
  let folder: string;
  const git = (...args: readonly string[]): string =>
    execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  const release = (...args: readonly string[]) =>
    spawnSync(process.execPath, ['scripts/release.ts', ...args], { cwd: folder, encoding: 'utf8' });
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'release-'));
    cpSync(join(root, 'scripts'), join(folder, 'scripts'), { recursive: true });
    for (const path of paths) write(path, own[path]);
    write('CHANGELOG.md', '# Changes\n\n## Unreleased\n\n**Added:** a thing.\n');
    write('README.md', `Version ${current} is here.\n`);
    git('init', '--quiet', '--initial-branch=main');
    // Nobody's settings, hooks and signatures matter here.
    git('config', 'user.name', 'a test');
    git('config', 'user.email', 'test@localhost');
    git('config', 'commit.gpgsign', 'false');
    git('config', 'tag.gpgsign', 'false');
    git('config', 'core.hooksPath', '/dev/null');
    git('add', '.');
    git('commit', '--quiet', '--message=Begin');
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  test('writes, commits, tags, and says what to push; and the tag is what the workflow verifies', () => {
    const next = findNextVersion(current, 'minor');
    const { status, stdout } = release('minor');
    expect(status).toBe(0);
    expect(stdout).toContain(`${current} -> ${next}`);
    expect(stdout).toContain(`git push --atomic origin main v${next}`);
    expect(stdout).toContain(`README.md:1:Version ${current} is here.`);
    expect(git('log', '-1', '--format=%s')).toBe(`Release: ${next}`);
    expect(git('status', '--porcelain')).toBe('');
    expect(git('cat-file', '-t', `v${next}`)).toBe('tag');
    expect(git('rev-parse', `v${next}^{commit}`)).toBe(git('rev-parse', 'HEAD'));
    expect(git('show', 'HEAD:CHANGELOG.md')).toMatch(/^## \d+\.\d+\.\d+ \(\d{4}-\d\d-\d\d\)$/m);
    expect(release('--verify', `v${next}`).status).toBe(0);
    expect(release('--notes', `v${next}`).stdout).toBe('**Added:** a thing.\n');
    expect(release('--verify', `v${current}`)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(`not every file has version ${current}`) as unknown,
    });
  });

  test('a dry run says it all, and writes nothing', () => {
    const before = git('rev-parse', 'HEAD');
    const { status, stdout } = release('minor', '--dry-run');
    expect(status).toBe(0);
    expect(stdout).toContain('**Added:** a thing.');
    expect(stdout).toContain('Would commit');
    expect([git('rev-parse', 'HEAD'), git('status', '--porcelain'), git('tag')]).toEqual([before, '', '']);
  });

  test('refuses changes that are not committed, another branch, a tag that is there, and what it does not know', () => {
    write('stray.txt', 'x');
    git('switch', '--quiet', '--create', 'topic');
    git('tag', `v${findNextVersion(current, 'patch')}`);
    const { status, stderr } = release('patch');
    expect(status).toBe(1);
    expect(stderr).toContain('?? stray.txt');
    expect(stderr).toContain("this is branch 'topic', and releases are made from 'main'");
    expect(stderr).toContain('there is a tag');
    for (const args of [[], ['patch', 'minor'], ['--nonsense'], ['--verify', '1.0.0'], ['huge']]) {
      expect([args, release(...args).status]).toEqual([args, 1]);
    }
    expect(git('log', '-1', '--format=%s')).toBe('Begin');
  });
});
