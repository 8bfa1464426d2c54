import cluster from 'node:cluster';
import { createServer } from 'node:http';
import express from 'express';
import { createBalancer } from '../src/index.ts';
import { tellPort } from './peers/programs/listening.ts';

/* A balancer in several processes that share a port: `node bench/cluster-program.ts '["http://…"]' 2`. */

const members = JSON.parse(process.argv[2]!) as readonly string[];
const workers = Number(process.argv[3]);

if (cluster.isPrimary) startWorkers();
else serve();

function startWorkers(): void {
  let listening = 0;
  cluster.on('listening', (_worker, { port }) => {
    listening += 1;
    if (listening === workers) tellPort(port);
  });
  for (let i = 0; i < workers; i += 1) cluster.fork();
}

function serve(): void {
  const balancer = createBalancer({
    members: members.map((url, i) => ({ url, route: `r${i}` })),
    stickysession: 'sid',
    logger: false,
  });
  // Of a port that is to be any, they share the one that the first has got.
  createServer(express().disable('x-powered-by').use(balancer)).listen(0, '127.0.0.1');
}
