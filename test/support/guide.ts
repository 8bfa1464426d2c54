import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from '@jest/globals';
import express, { type Express } from 'express';
import * as library from '../../src/index.ts';
import { readPage, type Page, type Snippet } from './pages.ts';
import { requestTarget, untilIdle, type Answered, type Wishes } from './request-target.ts';
import { runSnippet, runWaitingSnippet } from './snippets.ts';

/** How a block is run. */
export type Running = Readonly<{
  /** What it may import besides Node's modules, `express` and `express-proxy-balancer`. */
  modules?: Readonly<Record<string, unknown>>;
  /** What it finds around it; `createBalancer` and the other names of the library are there anyway. */
  names?: Readonly<Record<string, unknown>>;
  /** What is replaced in it, each of which has to be there: addresses of backends, `app.listen(8080)`. */
  replace?: Readonly<Record<string, string>>;
  /** Its own constants that come back. */
  wanted?: readonly string[];
}>;

/** A page whose blocks are run. */
export type Guide = Page &
  Readonly<{
    /** Runs the nth block of TypeScript below a heading; the constants that were wanted come back. */
    run(heading: string, nth?: number, running?: Running): Readonly<Record<string, unknown>>;
    /** The same for one that waits for something. */
    runWaiting(heading: string, nth?: number, running?: Running): Promise<void>;
    /** Notes a block that a test runs by itself, or that only types can speak of, as run. */
    take(heading: string, nth?: number): string;
    /** Every balancer that a block has created, in order. */
    balancers: readonly library.Balancer[];
    /** Serves the app on a free port until `close`. */
    serve(app: Express): Promise<(target: string, wishes?: Wishes) => Promise<Answered>>;
    /** Ends a server that a block has started in `close`; its port. */
    keep(server: Server): Promise<number>;
    /** Closes balancers and servers; call it in `afterEach`. */
    close(): Promise<void>;
    /** Throws if a block of TypeScript was not run; call it in `afterAll`. */
    expectAllRun(): void;
  }>;

/** Opens a page to run its blocks: `docs/sticky-sessions.md`. */
export function openGuide(path: string): Guide {
  const page = readPage(path);
  const left = new Set<Snippet>(page.findSnippets());
  const balancers: library.Balancer[] = [];
  const servers: Server[] = [];

  /** The library as blocks see it: what they create is closed in the end, and silent where nothing else is said. */
  const noted: typeof library = {
    ...library,
    createBalancer: ((definition: library.BalancerDefinition) => {
      const balancer: library.Balancer = library.createBalancer({ logger: false, ...definition });
      balancers.push(balancer);
      return balancer;
    }) as typeof library.createBalancer,
  };

  function take(heading: string, nth = 0): string {
    const code = page.findSnippet(heading, nth);
    for (const snippet of left) if (snippet.code === code) left.delete(snippet);
    return code;
  }

  function prepare(heading: string, nth: number, { modules, names, replace = {} }: Running) {
    const code = Object.entries(replace).reduce(
      (text, [from, to]) => {
        expect(text).toContain(from);
        return text.replaceAll(from, to);
      },
      take(heading, nth),
    );
    const own: Readonly<Record<string, unknown>> = { express, 'express-proxy-balancer': noted, ...modules };
    const all = new Proxy(own, {
      get(_target, name: string) {
        if (name in own) return own[name];
        if (name.startsWith('node:')) return process.getBuiltinModule(name);
        throw new Error(`the block imports ${name}: give it in modules`);
      },
    });
    return [code, all, { ...noted, ...names }] as const;
  }

  async function keep(server: Server): Promise<number> {
    servers.push(server);
    if (!server.listening) await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  return {
    ...page,
    take,
    balancers,
    run: (heading, nth = 0, running = {}) =>
      runSnippet(...prepare(heading, nth, running), running.wanted ?? []),
    runWaiting: (heading, nth = 0, running = {}) => runWaitingSnippet(...prepare(heading, nth, running)),
    async serve(app) {
      const port = await keep(app.listen(0, '127.0.0.1'));
      return (target, wishes) => requestTarget(port, target, wishes);
    },
    keep,
    async close() {
      await untilIdle(balancers);
      await Promise.all(balancers.splice(0).map((balancer) => balancer.close()));
      for (const server of servers.splice(0)) {
        server.closeAllConnections();
        server.close();
        await once(server, 'close');
      }
    },
    expectAllRun() {
      const missed = [...left].map(({ heading, line }) => `${path}:${line} (${heading})`);
      expect(missed).toEqual([]);
    },
  };
}
