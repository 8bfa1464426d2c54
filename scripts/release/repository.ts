import { execFileSync } from 'node:child_process';

/** Asks git, in the current folder. Throws an Error with its words. */
export function askGit(...args: readonly string[]): string {
  return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trimEnd();
}

/** Lists what speaks against a release from here, in words. */
export function listObstacles(branch: string, tag: string): readonly string[] {
  const obstacles: string[] = [];
  const changed = askGit('status', '--porcelain');
  if (changed !== '') obstacles.push(`there are changes that are not committed:\n${changed}`);
  const here = askGit('branch', '--show-current');
  if (here !== branch) obstacles.push(`this is branch '${here}', and releases are made from '${branch}'`);
  if (askGit('tag', '--list', tag) !== '') obstacles.push(`there is a tag ${tag} already`);
  const behind = countBehind();
  if (behind > 0) obstacles.push(`${behind} commits of the branch upstream are not here: pull them`);
  return obstacles;
}

/** How many commits upstream, as far as it was fetched, are not here. */
function countBehind(): number {
  try {
    return Number(askGit('rev-list', '--count', 'HEAD..@{upstream}'));
  } catch {
    // No branch upstream.
    return 0;
  }
}

/** Lists where tracked files still name a version: `test/x.ts:12:…`. */
export function findMentions(version: string): readonly string[] {
  try {
    return askGit('grep', '-nFw', version, '--', '*.ts', '*.md', ':!CHANGELOG.md').split('\n');
  } catch {
    // None.
    return [];
  }
}
