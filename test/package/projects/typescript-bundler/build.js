import { build } from 'esbuild';

const [folder] = process.argv.slice(2);

// Everything in one file: it needs no node_modules beside it.
const one = { entryPoints: ['front.ts'], bundle: true, platform: 'node', target: 'node22' };

await build({ ...one, format: 'cjs', outfile: `${folder}/front.cjs`, logLevel: 'error' });
await build({
  ...one,
  format: 'esm',
  outfile: `${folder}/front.mjs`,
  // Express and others are CommonJS, and ask for Node's own modules by require().
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
});
