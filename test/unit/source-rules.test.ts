import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import ts from 'typescript';

const root = join(import.meta.dirname, '../../src');

/** One source file: its path below src, with slashes, and what is in it. */
type Source = Readonly<{ path: string; text: string; tree: ts.SourceFile }>;

const sources: readonly Source[] = readdirSync(root, { recursive: true, encoding: 'utf8' })
  // What only types a package's own module for the browser is not written here.
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
  .map((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
    return { path: relative('.', path).split(sep).join('/'), text, tree };
  });

/** Where a rule is broken: `request/path.ts:12`, and what stands there. */
function find(source: Source, isWrong: (node: ts.Node) => boolean): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (isWrong(node)) {
      const { line } = source.tree.getLineAndCharacterOfPosition(node.getStart());
      found.push(`${source.path}:${line + 1} ${node.getText().split('\n', 1)[0]!}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source.tree);
  return found;
}

function findAll(isWrong: (node: ts.Node) => boolean, among: readonly Source[] = sources): string[] {
  return among.flatMap((source) => find(source, isWrong));
}

type Import = Readonly<{ path: string; from: string; names: readonly string[]; isOnlyType: boolean }>;

/** The values that are imported; `*` where that is not a list of names. */
function namesOf(node: ts.ImportDeclaration | ts.ExportDeclaration): string[] {
  const bindings = ts.isImportDeclaration(node) ? node.importClause?.namedBindings : node.exportClause;
  if (!bindings || !('elements' in bindings)) return ['*'];
  return bindings.elements
    .filter(({ isTypeOnly }) => !isTypeOnly)
    .map(({ name, propertyName }) => (propertyName ?? name).text);
}

const imports: readonly Import[] = sources.flatMap(({ path, tree }) => {
  const found: Import[] = [];
  const visit = (node: ts.Node): void => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
      const isOnlyType = ts.isImportDeclaration(node)
        ? node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
        : node.isTypeOnly;
      const from = (node.moduleSpecifier as ts.StringLiteral).text;
      found.push({ path, from, names: namesOf(node), isOnlyType });
    }
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const from = node.arguments[0]!.getText().slice(1, -1);
      found.push({ path, from, names: ['*'], isOnlyType: false });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
});

const tell = ({ path, from }: Import): string => `${path} imports ${from}`;
const isPackage = ({ from }: Import, name: string): boolean => from === name || from.startsWith(`${name}/`);

test('the rules look at the whole source', () => {
  const paths = sources.map(({ path }) => path);
  expect(paths).toEqual(expect.arrayContaining(['index.ts', 'deliver.ts', 'request/path.ts']));
  expect(imports.map(tell)).toEqual(
    expect.arrayContaining([
      'index.ts imports ./balancer.ts',
      'forward/hpm/member.ts imports http-proxy-middleware',
    ]),
  );
});

describe('what talks to the network', () => {
  const rooms = ['forward/', 'health/', 'testing/'];

  test.each(['http-proxy-middleware'])('%s is used in forward, health and testing only', (name) => {
    const elsewhere = imports.filter(
      (each) =>
        isPackage(each, name) && !each.isOnlyType && !rooms.some((room) => each.path.startsWith(room)),
    );
    expect(elsewhere.map(tell)).toEqual([]);
  });

  test('Express is there for its types only', () => {
    const names = ['express', 'express-serve-static-core', 'connect'];
    const used = imports.filter((each) => names.some((name) => isPackage(each, name)) && !each.isOnlyType);
    expect(used.map(tell)).toEqual([]);
  });

  test('servers are started by the test kit and the command only', () => {
    const isStarting = (node: ts.Node): boolean =>
      ts.isCallExpression(node) && /(?:^|\.)createServer$/.test(node.expression.getText());
    const places = [...new Set(findAll(isStarting).map((place) => place.split(/[/:]/, 1)[0]))];
    expect(places.toSorted()).toEqual(['cli', 'testing']);
  });

  test('what runs for users knows nothing of the test kit, and nobody else has the clock in hand', () => {
    const others = imports.filter(({ path }) => !path.startsWith('testing/'));
    expect(others.filter(({ from }) => /(?:^|\/)testing\//.test(from)).map(tell)).toEqual([]);
    const holders = imports.filter(({ names }) => names.includes('clockwork')).map(({ path }) => path);
    expect(holders.toSorted()).toEqual(['testing/seed-chance.ts', 'testing/stop-clock.ts']);
  });

  test('the test kit knows no test runner', () => {
    const used = imports.filter(
      ({ path, from }) => path.startsWith('testing/') && !from.startsWith('.') && !from.startsWith('node:'),
    );
    expect(used.map(tell)).toEqual([]);
    expect(imports.filter(({ from }) => from === 'node:test').map(tell)).toEqual([]);
  });

  test('redis is used in redis only', () => {
    const used = imports.filter((each) => isPackage(each, 'redis'));
    expect(used.filter(({ path }) => !path.startsWith('redis/')).map(tell)).toEqual([]);
    expect(used.map(tell)).toContain('redis/link.ts imports redis');
  });

  test('every package that is imported is a dependency, and the other way round', () => {
    const { dependencies } = JSON.parse(readFileSync(join(root, '../package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const peers = ['redis'];
    const packages = imports
      .map(({ from }) => from)
      .filter((from) => !/^(?:node:|\.)/.test(from) && !peers.includes(from));
    // Handed to browsers as it is.
    packages.push('uplot');
    expect([...new Set(packages)].toSorted()).toEqual(Object.keys(dependencies).toSorted());
  });
});

describe('how it is written', () => {
  test('exports have names', () => {
    const isDefault = (node: ts.Node): boolean =>
      ts.isExportAssignment(node) ||
      (node.kind === ts.SyntaxKind.DefaultKeyword && !ts.isDefaultClause(node.parent)) ||
      (ts.isExportSpecifier(node) && node.name.text === 'default');
    expect(findAll(isDefault)).toEqual([]);
  });

  test('nothing is any', () => {
    expect(findAll(({ kind }) => kind === ts.SyntaxKind.AnyKeyword)).toEqual([]);
  });

  test('relative imports end in .ts, and those of Node begin with node:', () => {
    const { builtinModules } = process.getBuiltinModule('module');
    // The chart library comes to the browser under this name.
    const own = imports.filter(
      ({ path, from }) => !(path.startsWith('manager/client/') && from === './uplot.js'),
    );
    const odd = own.filter(({ from }) =>
      from.startsWith('.') ? !from.endsWith('.ts') : builtinModules.includes(from),
    );
    expect(odd.map(tell)).toEqual([]);
  });

  test('file names are in kebab-case', () => {
    expect(
      sources.map(({ path }) => path).filter((path) => !/^(?:[a-z\d-]+\/)*[a-z\d-]+\.ts$/.test(path)),
    ).toEqual([]);
  });

  test('no file has more than 300 lines', () => {
    const lengths = sources.map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }));
    expect(lengths.filter(({ lines }) => lines > 300)).toEqual([]);
  });

  test('time and chance come from clock.ts only, so that the test kit can stop the one and seed the other', () => {
    const global = /^(?:set|clear)(?:Timeout|Interval)$/;
    const isDirect = (node: ts.Node): boolean =>
      (ts.isIdentifier(node) &&
        global.test(node.text) &&
        !(ts.isPropertyAccessExpression(node.parent) && node.parent.name === node) &&
        !ts.isMethodDeclaration(node.parent)) ||
      (ts.isPropertyAccessExpression(node) &&
        (/(?:^|\.)(?:Date\.now|performance\.now|Math\.random|process\.hrtime(?:\.bigint)?)$/.test(
          node.getText(),
        ) ||
          (node.expression.getText() === 'globalThis' && global.test(node.name.text)) ||
          node.getText() === 'AbortSignal.timeout')) ||
      ((ts.isNewExpression(node) || ts.isCallExpression(node)) &&
        node.expression.getText() === 'Date' &&
        (node.arguments ?? []).length === 0);
    // A browser and a command have the machine's. What the kit itself waits for takes real time.
    const elsewhere = ['manager/client/', 'cli/', 'testing/', 'clock.ts'];
    const bound = sources.filter(({ path }) => !elsewhere.some((place) => path.startsWith(place)));
    expect(findAll(isDirect, bound)).toEqual([]);
    const modules = /^(?:node:)?(?:timers(?:\/promises)?|perf_hooks)$/;
    const turns = ['setImmediate'];
    const taken = imports.filter(
      ({ path, from, names }) =>
        modules.test(from) &&
        bound.some((source) => source.path === path) &&
        !names.every((name) => turns.includes(name)),
    );
    expect(taken.map(tell)).toEqual([]);
    const clock = sources.filter(({ path }) => path === 'clock.ts');
    expect(findAll(isDirect, clock).length).toBeGreaterThan(4);
  });

  test('nobody is told of anything but through the logger and debug', () => {
    const isPrinting = (node: ts.Node): boolean =>
      ts.isPropertyAccessExpression(node) &&
      /^(?:console\.\w+|process\.std(?:out|err))$/.test(node.getText());
    // A command is there to print.
    const others = sources.filter(({ path }) => path !== 'cli/main.ts');
    expect(findAll(isPrinting, others)).toEqual([]);
  });
});

describe('what decides is pure', () => {
  const rooms = [
    'choice/',
    'definition/',
    'rewrite/',
    'request/',
    'member/',
    'manager/page/',
    'httpd-conf/syntax/',
    'httpd-conf/import/',
    'httpd-conf/translate/',
    'httpd-conf/convert/',
  ];
  // The first two read a body while it streams, the third files.
  const doing = ['request/body.ts', 'request/body-source.ts', 'httpd-conf/syntax/conf-files.ts'];
  const pure = sources.filter(
    ({ path }) => rooms.some((room) => path.startsWith(room)) && !doing.includes(path),
  );

  test('the rooms are there', () => {
    for (const room of rooms) expect(pure.some(({ path }) => path.startsWith(room))).toBe(true);
    for (const path of doing) expect(sources.map((source) => source.path)).toContain(path);
  });

  test('clock and chance are arguments', () => {
    const isClock = (node: ts.Node): boolean =>
      (ts.isPropertyAccessExpression(node) &&
        /^(?:globalThis\.)?(?:Date\.now|Math\.random|performance\.now|process\.hrtime|crypto\.random\w*)$/.test(
          node.getText(),
        )) ||
      ((ts.isNewExpression(node) || ts.isCallExpression(node)) &&
        node.expression.getText() === 'Date' &&
        (node.arguments ?? []).length === 0);
    expect(findAll(isClock, pure)).toEqual([]);
  });

  test('there are no timers', () => {
    const isTimer = (node: ts.Node): boolean =>
      ts.isCallExpression(node) &&
      /^(?:set(?:Timeout|Interval|Immediate)|process\.nextTick|queueMicrotask)$/.test(
        node.expression.getText(),
      );
    expect(findAll(isTimer, pure)).toEqual([]);
  });

  test('nothing is asked of the environment, the disk or the network', () => {
    const paths = new Set(pure.map(({ path }) => path));
    const outside =
      /^node:(?:child_process|cluster|dgram|dns|fs|http|http2|https|net|os|process|timers|tls|worker_threads)(?:\/|$)/;
    const used = imports.filter(
      ({ path, from, isOnlyType }) => paths.has(path) && !isOnlyType && outside.test(from),
    );
    // Only to look at what was handed in.
    const looking = ['isIP', 'createSecureContext'];
    expect(used.filter(({ names }) => !names.every((name) => looking.includes(name))).map(tell)).toEqual([]);
    const isEnvironment = (node: ts.Node): boolean =>
      ts.isPropertyAccessExpression(node) && node.getText() === 'process.env';
    expect(findAll(isEnvironment, pure)).toEqual([]);
  });
});
