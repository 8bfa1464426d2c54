import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { findNotes } from './release/changelog.ts';
import { checkVersions, listVersions, paths, planRelease, type Files } from './release/plan.ts';
import { askGit, findMentions, listObstacles } from './release/repository.ts';
import { isVersion } from './release/version.ts';

/*
 * `npm run release -- minor` (`major`, `patch`, `1.2.3`): writes the version and the date of its changes, commits and tags, and
 * says what to push. `--dry-run`: only says what it would do. `--branch NAME`: releases from another branch than main.
 * For the release workflow: `--verify v1.2.3`: whether that tag is the version here; `--notes v1.2.3`: what CHANGELOG.md says.
 */

const usage =
  'write npm run release -- major, minor, patch, or a version such as 1.2.3; and --dry-run to see first';

function readFiles(): Files {
  return Object.fromEntries(paths.map((path) => [path, readFileSync(path, 'utf8')])) as Files;
}

function release(wish: string, branch: string, isDry: boolean): void {
  const files = readFiles();
  const before = listVersions(files)[0]!.version;
  const today = new Date().toISOString().slice(0, 10);
  const plan = planRelease(files, wish, today);
  const obstacles = listObstacles(branch, plan.tag);
  if (obstacles.length > 0) throw new Error(obstacles.join('\n'));
  const changed = paths.filter((path) => plan.files[path] !== files[path]);
  const message = `Release: ${plan.version}`;
  console.log(`${before} -> ${plan.version}: ${changed.join(', ') || 'nothing to write'}\n`);
  console.log(`${findNotes(plan.files['CHANGELOG.md'], plan.version)}\n`);
  if (!isDry) {
    for (const path of changed) writeFileSync(path, plan.files[path]);
    if (changed.length > 0) askGit('commit', '--quiet', `--message=${message}`, '--', ...changed);
    askGit('tag', '--annotate', `--message=${plan.version}`, plan.tag);
  }
  console.log(
    isDry ? `Would commit '${message}' and tag it ${plan.tag}.` : `Committed and tagged ${plan.tag}.`,
  );
  const mentions = before === plan.version || isDry ? [] : findMentions(before);
  if (mentions.length > 0) console.log(`\n${before} is still named here:\n${mentions.join('\n')}`);
  if (!isDry)
    console.log(`\nLook at it (git show), then:\n\n    git push --atomic origin ${branch} ${plan.tag}`);
}

/** The version of a tag. */
function readTag(tag: string): string {
  const version = tag.slice(1);
  if (!tag.startsWith('v') || !isVersion(version)) throw new Error(`'${tag}' is no tag of a version: v1.2.3`);
  return version;
}

function main(): void {
  const { values, positionals } = parseArgs({
    options: {
      'dry-run': { type: 'boolean', default: false },
      branch: { type: 'string', default: 'main' },
      verify: { type: 'string' },
      notes: { type: 'string' },
    },
    allowPositionals: true,
  });
  const { verify, notes } = values;
  if (verify !== undefined) {
    const files = readFiles();
    checkVersions(files, readTag(verify));
    findNotes(files['CHANGELOG.md'], readTag(verify));
    console.log(`${verify} is the version of every file, and CHANGELOG.md tells of it.`);
  } else if (notes !== undefined) {
    console.log(findNotes(readFileSync('CHANGELOG.md', 'utf8'), readTag(notes)));
  } else if (positionals.length === 1) {
    release(positionals[0]!, values.branch, values['dry-run']);
  } else {
    throw new Error(usage);
  }
}

try {
  main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
