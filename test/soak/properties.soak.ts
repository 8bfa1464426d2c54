import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { lengthenRuns } from '../support/runs.ts';

// The properties of `npm test`, a hundred times longer, with another chance each time; what fails says its seed.
lengthenRuns(100, Math.trunc(Date.now() / 1_000));

const folder = join(import.meta.dirname, '../unit/properties');
for (const file of readdirSync(folder)) {
  if (file.endsWith('.test.ts')) await import(join(folder, file));
}
