import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect } from '@jest/globals';
import { stopBackends } from '../support/backend.ts';
import { describeWithRedis } from '../support/redis-server.ts';
import { endWell } from './support/end-well.ts';
import { removeHosts, testWithHosts } from './support/hosts.ts';
import { startRedisOf, stopRedisesOfHosts } from './support/redis-of-host.ts';
import { memberOf, startSite, until } from './support/site.ts';
import { endWorkers } from './support/start-worker.ts';
import type { Look } from './support/worker.ts';

describeWithRedis('two hosts', () => {
  let folder: string | undefined;

  afterEach(async () => {
    await endWorkers();
    await Promise.all([stopBackends(), stopRedisesOfHosts()]);
    removeHosts();
    if (folder !== undefined) rmSync(folder, { recursive: true });
    folder = undefined;
  });

  testWithHosts(
    'go on while the network between them is cut, and agree on all that was done there',
    async (hosts) => {
      // Sockets on the disk are reached from every host: what is cut is the way to Redis.
      folder = mkdtempSync(join(tmpdir(), 'hosts-'));
      const redis = await startRedisOf(hosts.a, folder);
      const site = await startSite({
        folder,
        state: { url: redis.nearUrl, prefix: 'site', busy: true },
        places: ['a1', 'a2', 'b1', 'b2'].map((name) => ({
          path: join(folder!, `${name}.sock`),
          inside: name.startsWith('a') ? hosts.a.inside : hosts.b.inside,
          url: name.startsWith('a') ? redis.nearUrl : redis.farUrl,
        })),
      });
      const [a1, a2, b1, b2] = site.workers;
      const sideOf = async (side: readonly (typeof a1)[]): Promise<readonly Look[]> =>
        Promise.all(side.map((worker) => worker!.look()));
      site.load();

      hosts.cut();
      await until(
        () => sideOf([b1, b2]),
        (looks) => looks.every(({ status }) => status?.kind === 'alone'),
        'the far side knows that it is alone',
      );
      await until(
        () => sideOf([a1, a2]),
        (looks) => looks.every(({ status }) => status?.kind === 'shared' && status.processes === 2),
        'the side of Redis misses the others',
      );
      await a1!.do('drain', 'a');
      await b1!.do('drain', 'b');
      await a2!.do('change', 'c', { loadfactor: 2 });
      await b2!.do('change', 'c', { loadfactor: 3 });
      await site.untilServed();
      expect(
        (await sideOf([a1, a2, b1, b2])).map((look) => memberOf(look, 'b').status.includes('N')),
      ).toEqual([false, false, true, false]);

      hosts.mend();
      await site.untilAll(({ status }) => status?.kind === 'shared' && status.processes === 4);
      await site.untilAll((look) => ['a', 'b'].every((name) => memberOf(look, name).status.includes('N')));
      // The later word holds.
      await site.untilAll((look) => memberOf(look, 'c').loadfactor === 3);
      await endWell(site, redis);
    },
  );
});
