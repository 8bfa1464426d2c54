import { parseArgs } from 'node:util';
import { printCost } from './sharing-cost.ts';
import { printMessages } from './sharing-messages.ts';
import { printNews } from './sharing-news.ts';
import { startServer } from './sharing-redis.ts';

/*
 * What sharing the state through Redis costs: a request of a proxy, the time that news takes, and messages between many
 * processes with many members.
 * `npm run bench -- sharing`; with `--smoke`, only whether it is absurd.
 */

const { values } = parseArgs({ options: { smoke: { type: 'boolean', default: false } } });
const redis = await startServer();
if (!redis) {
  console.error(
    'Left out: there is no redis-server. Install it (Debian: apt-get install redis-server), or say by REDIS_SERVER=/path/to/it where it is.',
  );
  // Where everything is installed, nothing is to be left out in silence.
  process.exit(process.env['CI'] === 'true' ? 1 : 0);
}
try {
  const absurd = [
    ...(await printCost(redis.url, values.smoke)),
    ...(await printNews(redis.url, values.smoke)),
    ...(await printMessages(redis.url, values.smoke)),
  ];
  if (absurd.length > 0) {
    console.error(`absurd: ${absurd.join('; ')}`);
    process.exitCode = 1;
  }
} finally {
  await redis.stop();
}
