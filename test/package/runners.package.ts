import { beforeAll, describe, expect, test } from '@jest/globals';
import { describeWithRegistry, installProject, type Project } from './support/project.ts';

const runners = [
  ['jest', ['--experimental-vm-modules', 'bin:jest'], /^Tests: +8 passed, 8 total$/m],
  ['vitest', ['bin:vitest', 'run'], /^\s*Tests +7 passed \(7\)$/m],
  ['node-test', ['--test'], /^(?:# |ℹ )pass 7$/m],
] as const;

describeWithRegistry('the test kit', () => {
  describe.each(runners)('by %s', (name, args, summary) => {
    let project: Project;
    beforeAll(async () => {
      project = await installProject(`kit-${name}`);
    });

    test('runs a suite of a user, and the runner ends by itself', async () => {
      const { code, said } = await project.run(args);
      expect({ code, said }).toEqual({ code: 0, said: expect.stringMatching(summary) });
    });
  });
});
