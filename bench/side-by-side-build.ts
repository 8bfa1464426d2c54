import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const project = join(import.meta.dirname, '..');

/** What is measured is `dist`, as users get it: whether sources have changed since it was built. */
export function isBuildOld(): boolean {
  const builtMs = statSync(join(project, 'dist/index.js')).mtimeMs;
  return readdirSync(join(project, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .some((path) => statSync(join(project, 'src', path)).mtimeMs > builtMs);
}
