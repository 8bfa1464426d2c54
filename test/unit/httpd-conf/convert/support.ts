import { join } from 'node:path';
import { compileFunction } from 'node:vm';
import * as prettier from 'prettier';
import ts from 'typescript';
import { printModule } from '../../../../src/httpd-conf/convert/print-module.ts';
import type { HttpdConf, HttpdMount, Notice, VirtualHost } from '../../../../src/httpd-conf/httpd-conf.ts';

const root = join(import.meta.dirname, '../../../..');

/** A configuration with nothing in it but what is said. */
export function makeConf(parts: Partial<HttpdConf>): HttpdConf {
  return { mounts: [], hosts: [], access: [], notices: [], listen: [], ...parts };
}

export function makeNotice(line: number, directive: string, kind: Notice['kind'] = 'taken'): Notice {
  return { kind, directive, file: 'httpd.conf', line, why: `why ${line}` };
}

export function makeHost(parts: Partial<VirtualHost> = {}): VirtualHost {
  return {
    serverName: 'www.example.com',
    serverAlias: [],
    ports: [80],
    isTls: false,
    inherits: false,
    place: { file: 'httpd.conf', line: 1 },
    ...parts,
  };
}

type BalancerMount = Extract<HttpdMount, { kind: 'balancer' }>;

/** A balancer at a path. */
export function mountAt(at: string | RegExp, more: Partial<BalancerMount> = {}): HttpdMount {
  const definition = { name: 'mycluster', members: ['http://app1.site.com'] };
  return { kind: 'balancer', at, to: '', definition, ...more } as HttpdMount;
}

export const print = (parts: Partial<HttpdConf>): string =>
  printModule(makeConf(parts), { source: 'httpd.conf' });

/** Whether prettier leaves a module as it is. */
export function isFormatted(code: string): Promise<boolean> {
  return prettier.check(code, { parser: 'typescript', singleQuote: true });
}

/** Everything that the compiler has to say of modules, each with the number of its module. */
export function compile(codes: readonly string[]): string[] {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2024.d.ts'],
    types: ['node'],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    verbatimModuleSyntax: true,
    allowImportingTsExtensions: true,
    noEmit: true,
    skipLibCheck: true,
    paths: {
      'express-proxy-balancer': [join(root, 'src/index.ts')],
      'express-proxy-balancer/*': [join(root, 'src/*/index.ts')],
    },
  };
  const files = new Map(codes.map((code, i) => [join(root, `converted-${i}.ts`), code]));
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
  return [...files.keys()].flatMap((path, i) => {
    const file = program.getSourceFile(path)!;
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
      ({ messageText }) => `${i}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    );
  });
}

/** Runs a module; `modules` are what it may import. What it exports comes back. */
export function runModule(
  code: string,
  modules: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const exports: Record<string, unknown> = {};
  const call = compileFunction(outputText, ['require', 'exports']) as (...values: unknown[]) => void;
  call((name: string) => modules[name], exports);
  return exports;
}
