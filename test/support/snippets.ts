import { join } from 'node:path';
import { compileFunction } from 'node:vm';
import ts from 'typescript';

const root = join(import.meta.dirname, '../..');

/** What a block that continues another one takes from there: only the names that it uses. */
function preludeOf(code: string): string {
  const lines = [
    /\bcreateBalancer\b/.test(code) && !/^import /m.test(code)
      ? "import { createBalancer } from 'express-proxy-balancer';"
      : '',
    /\bapp\b/.test(code) && !/\bconst app\b/.test(code)
      ? "declare const app: import('express').Express;"
      : '',
    'export {};',
  ];
  return `${lines.join('\n')}\n`;
}

/** Everything that the compiler has to say of blocks of TypeScript, under the settings of this repository. */
export function compileSnippets(codes: readonly string[]): string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    config: { compilerOptions: unknown };
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  options.paths = {
    'express-proxy-balancer': [join(root, 'src/index.ts')],
    'express-proxy-balancer/*': [join(root, 'src/*/index.ts')],
  };
  const files = new Map(codes.map((code, i) => [join(root, `snippet-${i}.ts`), `${preludeOf(code)}${code}`]));
  const own = ts.createCompilerHost(options);
  const host: ts.CompilerHost = {
    ...own,
    fileExists: (path) => files.has(path) || own.fileExists(path),
    readFile: (path) => files.get(path) ?? own.readFile(path),
    getSourceFile(path, ...rest) {
      const text = files.get(path);
      return text === undefined
        ? own.getSourceFile(path, ...rest)
        : ts.createSourceFile(path, text, ts.ScriptTarget.Latest);
    },
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return [...files.keys()].flatMap((path) => {
    const file = program.getSourceFile(path)!;
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
      ({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'),
    );
  });
}

/**
 * Runs a block of TypeScript. `modules` are what it may import, `names` what it finds around it;
 * the values of its own constants that are in `wanted` come back.
 */
export function runSnippet(
  code: string,
  modules: Readonly<Record<string, unknown>>,
  names: Readonly<Record<string, unknown>> = {},
  wanted: readonly string[] = [],
): Readonly<Record<string, unknown>> {
  const exports: Record<string, unknown> = {};
  run(transpile(code, wanted), modules, exports, names);
  return exports;
}

/** Runs a block that waits for something; what comes before its first `await` is done when this returns. */
export async function runWaitingSnippet(
  code: string,
  modules: Readonly<Record<string, unknown>>,
  names: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await run(`return (async () => {\n${transpile(code, [])}\n})();`, modules, {}, names);
}

function transpile(code: string, wanted: readonly string[]): string {
  const { outputText } = ts.transpileModule(`${code}\nexport { ${wanted.join(', ')} };`, {
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      esModuleInterop: true,
    },
  });
  return outputText;
}

function run(
  script: string,
  modules: Readonly<Record<string, unknown>>,
  exports: Readonly<Record<string, unknown>>,
  names: Readonly<Record<string, unknown>>,
): unknown {
  const parameters = ['require', 'exports', ...Object.keys(names)];
  const call = compileFunction(script, parameters) as (...values: unknown[]) => unknown;
  return call((name: string) => modules[name], exports, ...Object.values(names));
}
