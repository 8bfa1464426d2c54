import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildSchema } from './schema/build-schema.ts';

// node scripts/build-schema.ts [file]: writes dist/definition.schema.json.
const path = process.argv[2] ?? join(import.meta.dirname, '../dist/definition.schema.json');
mkdirSync(dirname(path), { recursive: true });
writeFileSync(path, `${JSON.stringify(buildSchema())}\n`);
