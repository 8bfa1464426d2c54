import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { BalancerError, DefinitionError } from '../../../src/index.ts';
import { warningCodes } from '../../../src/warnings/codes.ts';
import { findPage, linkTo } from '../../../src/warnings/help-link.ts';
import { readPage } from '../../support/pages.ts';

const root = join(import.meta.dirname, '../../..');
const page = readPage('docs/troubleshooting.md');
const headings = [...page.text.matchAll(/^### (.*)$/gm)].map(([, heading]) => heading!);

const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => [path.replaceAll('\\', '/'), readFileSync(join(root, 'src', path), 'utf8')] as const);

function findCodes(pattern: RegExp, among = sources): string[] {
  return [...new Set(among.flatMap(([, text]) => text.match(pattern) ?? []))].toSorted();
}

describe('the codes of warnings', () => {
  test('are those that the source says, and each is said somewhere', () => {
    const elsewhere = sources.filter(([path]) => path !== 'warnings/codes.ts');
    const said = findCodes(/\bWARN_BALANCER_[A-Z_]*[A-Z]\b/g, elsewhere);
    expect(said).toEqual(warningCodes.toSorted());
  });

  test('have a heading each in docs/troubleshooting.md, and no other one has', () => {
    expect(headings.filter((heading) => heading.startsWith('WARN_'))).toEqual(warningCodes);
  });

  test.each(warningCodes)('%s: its link leads to its heading', (code) => {
    const [file, anchor] = linkTo(code).split('#');
    expect(readFileSync(new URL(file!), 'utf8')).toBe(page.text);
    // As GitHub makes them: lower case, letters, digits, hyphens and underscores.
    expect(headings.map((heading) => heading.toLowerCase())).toContain(anchor);
    expect(anchor).toMatch(/^[a-z_]+$/);
  });
});

describe('the codes of errors', () => {
  const codes = findCodes(/\bERR_BALANCER_[A-Z_]*[A-Z]\b/g);

  test('have a heading each in docs/troubleshooting.md, and no other one has', () => {
    expect(codes.length).toBeGreaterThan(15);
    expect(headings.filter((heading) => heading.startsWith('ERR_BALANCER_')).toSorted()).toEqual(codes);
  });

  test('of the manager and of configurations are on the pages that are named', () => {
    expect(readPage('docs/manager.md').text).toContain('ERR_MANAGER_FORBIDDEN');
    expect(readPage('docs/httpd-conf.md').text).toContain('ERR_HTTPD_CONF_GONE');
  });

  test('lead there by help, which is in no log by itself', () => {
    const error = new BalancerError('ERR_BALANCER_CONNECT');
    expect(error.help).toBe(linkTo('ERR_BALANCER_CONNECT'));
    expect(error.help).toMatch(/\/docs\/troubleshooting\.md#err_balancer_connect$/);
    expect(JSON.stringify(error) + error.message + String(error.stack)).not.toContain('troubleshooting');
    expect(new DefinitionError([]).help).toBe(linkTo('ERR_BALANCER_DEFINITION'));
  });
});

describe('the page that links lead to', () => {
  const plain = 'express-proxy-balancer/docs/troubleshooting.md';
  const own = new URL('../../../src/warnings/help-link.ts', import.meta.url).href;

  test('is the file that is installed', () => {
    expect(findPage(() => own)).toBe(new URL('../../../docs/troubleshooting.md', import.meta.url).href);
  });

  test.each<[string, () => string | undefined]>([
    ['nobody knows where the program is, as in a bundle for CommonJS', () => undefined],
    [
      'asking for it fails',
      () => {
        throw new Error('no import.meta');
      },
    ],
    [
      'the program is part of another package',
      () => new URL('../../../node_modules/express/lib/x/y.js', import.meta.url).href,
    ],
    ['it was not read from a disk', () => 'data:text/javascript,1'],
  ])('is named by its path in the package where %s', (_where, ask) => {
    expect(findPage(ask)).toBe(plain);
  });
});
