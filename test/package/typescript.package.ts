import { beforeAll, describe, expect, test } from '@jest/globals';
import { promiseParts, promiseProxying, startFront } from './support/front.ts';
import { describeWithRegistry, installProject, type Project } from './support/project.ts';

/** Compiles a project by one of the compilers that it has installed. Every error counts, those in declarations of others too. */
async function compile(project: Project, compiler: string, ...args: readonly string[]) {
  return project.run([
    `node_modules/${compiler}/${compiler === 'typescript' ? 'bin/tsc' : 'lib/tsc.js'}`,
    ...args,
  ]);
}

/** Where no package can be found, for apps that are bundled into one file. */
const alone = '../alone';

describeWithRegistry('TypeScript', () => {
  describe.each([
    ['typescript-nodenext', ['typescript-5.4', 'typescript-6', 'typescript'], ['out/front.js']],
    [
      'typescript-bundler',
      ['typescript-5.4', 'typescript-6', 'typescript'],
      [`${alone}/front.mjs`, `${alone}/front.cjs`],
    ],
    ['typescript-commonjs', ['typescript-5.8', 'typescript'], ['out/front.js']],
  ])('%s', (name, compilers, scripts) => {
    let project: Project;
    beforeAll(async () => {
      project = await installProject(name);
      if (name === 'typescript-bundler') await bundle(project);
    });

    test.each(compilers)('compiles by %s, without skipLibCheck', async (compiler) => {
      expect(await compile(project, compiler)).toEqual({ code: 0, said: '' });
    });

    if (name === 'typescript-commonjs') {
      test('does not compile for Node 16, which had no require() of ES modules', async () => {
        const { code, said } = await compile(project, 'typescript-5.8', '--module', 'node16', '--noEmit');
        expect(code).not.toBe(0);
        expect(said).toMatch(/error TS1479: .*express-proxy-balancer/);
      });
    }

    describe.each(scripts)('runs %s', (script) => {
      const start = () => startFront(project, [script]);
      promiseProxying(start);
      if (name !== 'typescript-commonjs') promiseParts(start, { isBundled: script.startsWith(alone) });
    });
  });
});

async function bundle(project: Project): Promise<void> {
  const { code, said } = await project.run(['build.js', alone]);
  if (code !== 0) throw new Error(said);
}
