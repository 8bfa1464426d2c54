// The last step of the build: leaves in dist/ what users need. Comments of the code stand in the sources, those of public types
// stay in the declarations; a declaration that no public type leads to tells of what nobody can import.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

const root = join(import.meta.dirname, '..');
const dist = process.argv[2] ?? join(root, 'dist');
const { exports: entries } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Readonly<Record<string, string | Readonly<{ types: string }>>>;
};

/** Any version of TypeScript finds a declaration by the name of its script; only the newer ones by that of its source. */
function nameScripts(declaration: string): string {
  let text = declaration;
  for (const { fileName, pos } of ts.preProcessFile(declaration).importedFiles.toReversed()) {
    if (!fileName.startsWith('.')) continue;
    // Behind the quote.
    const end = pos + 1 + fileName.length;
    text = `${text.slice(0, pos + 1)}${fileName.replace(/\.ts$/, '.js')}${text.slice(end)}`;
  }
  return text;
}

/** Adds a declaration, and those that it leads to. */
function follow(path: string, found: Set<string>): void {
  if (found.has(path)) return;
  found.add(path);
  for (const { fileName } of ts.preProcessFile(readFileSync(path, 'utf8')).importedFiles) {
    if (fileName.startsWith('.')) follow(join(dirname(path), fileName.replace(/\.[jt]s$/, '.d.ts')), found);
  }
}

const leadTo = new Set<string>();
for (const entry of Object.values(entries)) {
  if (typeof entry !== 'string') follow(join(dist, entry.types.replace('./dist/', '')), leadTo);
}

for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
  const path = join(dist, name);
  if (name.endsWith('.js')) {
    const { outputText } = ts.transpileModule(readFileSync(path, 'utf8'), {
      compilerOptions: {
        target: ts.ScriptTarget.ESNext,
        module: ts.ModuleKind.ESNext,
        removeComments: true,
      },
    });
    writeFileSync(path, outputText);
  } else if (name.endsWith('.d.ts')) {
    if (leadTo.has(path)) writeFileSync(path, nameScripts(readFileSync(path, 'utf8')));
    else rmSync(path);
  }
}
