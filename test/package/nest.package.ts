import { beforeAll, describe, expect, test } from '@jest/globals';
import { promiseParts, promiseProxying, startFront } from './support/front.ts';
import { describeWithRegistry, installProject, type Project } from './support/project.ts';

/** It gives itself the signal again, once everything is closed. */
const ending = { code: null, signal: 'SIGTERM' };

describeWithRegistry('NestJS, with its Express adapter', () => {
  describe.each([
    ['version 12, of ES modules', 'nest', {}],
    ['version 11, of CommonJS', 'nest-11', { like: 'nest' }],
  ])('%s', (_version, name, options) => {
    let project: Project;
    beforeAll(async () => {
      project = await installProject(name, options);
      const { code, said } = await project.run(['node_modules/typescript/lib/tsc.js']);
      if (code !== 0) throw new Error(said);
    });

    const start = () => startFront(project, ['out/main.js']);
    promiseProxying(start, ending);
    promiseParts(start, { ending });

    test('answers by its controllers beside the balancer, and members get bodies as they were sent', async () => {
      const front = await start();
      const headers = { 'content-type': 'application/json' };
      const body = '{ "pears":  2 }';
      expect(await front.ask('/api/orders', { method: 'POST', headers, body })).toMatchObject({
        status: 201,
        body: '{"count":1}',
        member: undefined,
      });
      expect((await front.ask('/api/orders')).body).toBe('[{"pears":2}]');
      expect(await front.ask('/orders', { method: 'POST', headers, body })).toMatchObject({ member: 'app1' });
      expect(front.bodies).toEqual([body]);
      expect(await front.end()).toMatchObject(ending);
    });
  });
});
