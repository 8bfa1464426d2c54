import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { checkNode, engines } from '../../src/check-node.ts';

const manifest = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'),
) as Readonly<{ engines: Readonly<{ node: string }> }>;

test('a Node that is too old is told so, with those that will do', () => {
  expect(() => {
    checkNode('20.20.2');
  }).toThrow(`express-proxy-balancer needs Node ${engines}, and this is 20.20.2`);
});

test.each(['22.19.0', '24.0.0', '26.10.0', process.versions.node])('Node %s will do', (version) => {
  checkNode(version);
});

test('those that will do are those of package.json', () => {
  expect(engines).toBe(manifest.engines.node);
});
