// A front in a process of its own, that can be looked into. `node --expose-gc front-main.ts DEFINITION`, with a channel.
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler } from 'express';
import {
  attachUpgrades,
  createBalancer,
  type BalancerDefinition,
  type BalancerError,
} from '../../../../src/index.ts';
import type { FrontWord, Measured } from './words.ts';

const definition = JSON.parse(process.argv[2]!) as BalancerDefinition;
const app = express();
const balancer = createBalancer({ ...definition, logger: false });
app.use(balancer);
const codes: Record<string, number> = {};
const page: ErrorRequestHandler = (error: BalancerError, _req, res, _next) => {
  codes[error.code] = (codes[error.code] ?? 0) + 1;
  res.status(error.status).json({ code: error.code });
};
app.use(page);
const server = createServer(app).listen(0, '127.0.0.1');
attachUpgrades(server, app);
await once(server, 'listening');

const warnings: string[] = [];
process.on('warning', (warning) => warnings.push(String(warning)));
const unforeseen: string[] = [];
for (const event of ['uncaughtException', 'unhandledRejection']) {
  process.on(event, (error) =>
    unforeseen.push(`${event}: ${String(error instanceof Error ? error.stack : error)}`),
  );
}

function tell(word: FrontWord): void {
  process.send!(word);
}

/** Once nobody is connected any more, what is still there is what the balancer keeps. */
async function measure(): Promise<Measured> {
  const connections = Promise.withResolvers<number>();
  server.getConnections((_error, count) => {
    connections.resolve(count);
  });
  // What has ended is let go of in several steps: finalizers, weak references.
  for (let i = 0; i < 6; i += 1) {
    globalThis.gc!();
    await new Promise(setImmediate);
  }
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  const view = balancer.view();
  return {
    connections: await connections.promise,
    busy: view.reduce((sum, member) => sum + member.busy, 0),
    elected: view.reduce((sum, member) => sum + member.elected, 0),
    heapBytes: heapUsed,
    bufferBytes: arrayBuffers,
    rssBytes: rss,
    descriptors: readdirSync('/proc/self/fd').length,
    resources: countKinds(process.getActiveResourcesInfo()),
    listeners: countListeners(process) + countListeners(server),
    codes,
    warnings,
    unforeseen,
  };
}

function countListeners(emitter: NodeJS.EventEmitter): number {
  return emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0);
}

function countKinds(kinds: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of kinds.toSorted()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

// Whoever has started it may be killed without a word.
const leave = (): void => process.exit(1);
process.once('disconnect', leave);
process.on('message', (word) => {
  if (word === 'measure') {
    void measure().then((measured) => {
      tell({ kind: 'measured', measured });
    });
  } else if (word === 'close') {
    // Nothing else ends the process.
    process.off('disconnect', leave);
    server.close();
    server.closeAllConnections();
    void balancer.close().then(() => {
      process.disconnect();
    });
  }
});
tell({ kind: 'listening', port: (server.address() as AddressInfo).port });
