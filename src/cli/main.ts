#!/usr/bin/env node
import { text } from 'node:stream/consumers';
import type { Io, Signal } from './io.ts';
import { run } from './run.ts';

// Whoever reads no further has what they wanted: `check FILE | head`. A server whose log nobody reads goes on.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

const signals: readonly Signal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const mayColour = (process.env.NO_COLOR ?? '') === '';

const io: Io = {
  out: (words) => void process.stdout.write(words),
  err: (words) => void process.stderr.write(words),
  readInput: () => text(process.stdin),
  isColoured: {
    out: mayColour && process.stdout.isTTY,
    err: mayColour && process.stderr.isTTY,
  },
  onSignal(listener) {
    for (const signal of signals) process.on(signal, listener);
    return () => {
      for (const signal of signals) process.off(signal, listener);
    };
  },
};

// Not exit: what is written to a pipe may still be on its way.
process.exitCode = await run(process.argv.slice(2), io);
