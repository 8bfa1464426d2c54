import { expect, test } from '@jest/globals';
import { compileBases } from '../../../src/rewrite/reverse-bases.ts';
import { buildMember } from '../../support/build-members.ts';

const basesBelow = () => compileBases({ reverseUrls: [], reverseTable: [] }, [buildMember({})]);

test('the bases of a path are made once', () => {
  const bases = basesBelow();
  expect(bases('/a')).toBe(bases('/a'));
  expect(bases('')).toBe(bases(''));
});

test('many paths that are asked for once do not keep out one that is asked for often', () => {
  const bases = basesBelow();
  for (let i = 0; i < 1_000; i += 1) bases(`/made-up-${i}`);
  expect(bases('/a')).toBe(bases('/a'));
  expect(bases('')).toBe(bases(''));
});
