import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readCode, readPage } from '../support/pages.ts';

const root = join(import.meta.dirname, '../..');
const readme = readPage('README.md');
const page = readPage('docs/performance.md');
const [, ...rows] = page.readTable('Beside its peers');

/** The CPU of a row of the table, in microseconds. */
const costOf = (name: string): number => Number(rows.find(([cell]) => cell!.includes(name))![1]);

describe('the README tells in short what the page measures', () => {
  const [line = ''] = readme.readSection('Performance and reliability').match(/^A small request .*$/m) ?? [];
  const own = costOf('**express-proxy-balancer**');

  test('its own cost', () => {
    expect(line).toContain(`costs ${own} µs of CPU`);
  });

  test.each([
    [/([\d.]+) times what bare undici in Express/, 'bare undici in Express'],
    [/([\d.]+) times http-proxy-middleware/, 'http-proxy-middleware 4'],
  ])('%s', (pattern, peer) => {
    expect(Number(pattern.exec(line)![1])).toBeCloseTo(own / costOf(peer), 1);
  });

  test('as much as httpd, three times nginx', () => {
    expect(line).toMatch(/about as much as Apache httpd, and three times nginx/);
    expect(own / costOf('Apache httpd')).toBeCloseTo(1, 0);
    expect(Math.round(own / costOf('nginx'))).toBe(3);
  });
});

test('each row has as many cells as its head', () => {
  expect(rows.length).toBeGreaterThan(5);
  expect(rows.filter((row) => row.length !== 4)).toEqual([]);
});

test.each(['docs/performance.md', 'docs/reliability.md', 'docs/shared-state.md'])(
  '%s: the scripts and benches that are named exist',
  (path) => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Readonly<Record<string, string>>;
    };
    const benches = readFileSync(join(root, 'bench/main.ts'), 'utf8');
    const prose = readPage(path).text.replaceAll(/^```.*?^```$/gms, '');
    const commands = readCode(prose).filter((code) => code.startsWith('npm run '));
    expect(commands.length).toBeGreaterThan(0);
    for (const command of commands) {
      const [, , script = '', , part] = command.split(' ');
      expect([command, Object.keys(scripts)]).toEqual([command, expect.arrayContaining([script])]);
      if (script === 'bench' && part !== undefined)
        expect([command, benches]).toEqual([command, expect.stringContaining(part)]);
    }
  },
);
