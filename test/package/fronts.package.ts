import { beforeAll, describe, expect, test } from '@jest/globals';
import { promiseParts, promiseProxying, startFront } from './support/front.ts';
import { describeWithRegistry, installProject, type NodeVersion, type Project } from './support/project.ts';

/** Projects, and the versions of Node that each is run on. */
const projects: Readonly<Record<string, readonly NodeVersion[]>> = {
  esm: [22, 24, 26],
  commonjs: [22, 24, 26],
  express4: [24],
  connect: [24],
  http: [24],
};

describeWithRegistry('a project that has installed the package', () => {
  describe.each(Object.entries(projects))('%s', (name, nodes) => {
    let project: Project;
    beforeAll(async () => {
      project = await installProject(name);
    });

    describe.each(nodes)('on Node %d', (node) => {
      const start = () => startFront(project, ['front.js'], node);

      test('it is the Node that is meant', async () => {
        const { said } = await project.run(['--version'], node);
        expect(said).toMatch(new RegExp(`^v${node}\\.`));
      });
      promiseProxying(start);
      // Without the optional packages there is the balancer alone.
      if (name !== 'http') promiseParts(start);
    });
  });

  test('a project without the optional packages has all parts but those that are made of them', async () => {
    const project = await installProject('http');
    const script = `
      for (const part of ['', '/manager', '/metrics', '/httpd-conf', '/testing', '/redis']) {
        const said = await import('express-proxy-balancer' + part).then(() => 'there', ({ message }) => message);
        console.log(part, said.replace(/ imported from .*/s, ''));
      }`;
    expect(await project.run(['--input-type=module', '--eval', script])).toEqual({
      code: 0,
      said: [
        ' there',
        '/manager there',
        '/metrics there',
        '/httpd-conf there',
        '/testing there',
        "/redis Cannot find package 'redis'",
        '',
      ].join('\n'),
    });
  });
});
