import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { clock } from '../clock.ts';
import type { Duration } from '../definition/definition.ts';
import { complain, indent } from './complain.ts';
import { acceptWebSocket, echoFrames } from './echo-websocket.ts';
import {
  readCut,
  readFail,
  readHang,
  readReset,
  readSlow,
  type CutOffOptions,
  type FailOptions,
  type Fault,
  type FaultOptions,
} from './faults.ts';
import {
  compileRequestPattern,
  RecordedRequest,
  tellRequest,
  type MemberRequest,
  type RequestPattern,
} from './member-request.ts';
import { startServer, type MemberServer } from './member-server.ts';
import { lookUntil, type Patience } from './until.ts';

/** What a member answers: Node's request and response, which an Express app takes too. */
export type MemberHandler = (req: IncomingMessage, res: ServerResponse) => unknown;

/** What a member does with a connection that asks for another protocol. */
export type MemberUpgradeHandler = (req: IncomingMessage, socket: Duplex, head: Buffer) => unknown;

/** Which request is waited for. */
export type NextRequestOptions = Patience &
  Readonly<{
    /** `'/health'`, `'POST /orders'`, or a function. Default: any request. */
    only?: RequestPattern;
  }>;

/** What stands in `members` for a member of a test. */
export type TestMemberDefinition<Name extends string = string> = Readonly<{
  /** Typed so far that names of other members do not compile. */
  url: `http://127.0.0.1:${number}/`;
  /** Its name. */
  route: Name;
}>;

/**
 * A real HTTP server behind a member. A fault counts for requests that come from then on, and takes the place of the one
 * before; `recover` ends it.
 */
export type TestMember<Name extends string = string> = Readonly<{
  /** `app1`, or what the test calls it; its route, too. */
  name: Name;
  /** `http://127.0.0.1:12345/` */
  url: string;
  /** The port that it listens on. */
  port: number;
  /** What goes into `members`; `{ ...member.definition, loadfactor: 2 }` for more. */
  definition: TestMemberDefinition<Name>;
  /** Every request whose head has come, in order, health checks and upgrades too. */
  requests: readonly MemberRequest[];
  /** How many connections were opened to it so far. */
  connections: number;
  /**
   * Resolves with the next request that no call has given yet, once it is whole or broken off; one that is there already
   * counts. Rejects with an AssertionError after `within` (4 s) of real time.
   */
  nextRequest(options?: NextRequestOptions): Promise<MemberRequest>;
  /** Forgets the requests so far. */
  forget(): void;
  /** The port refuses, and every open connection is cut. `recover` has it listen on the same port again. */
  refuse(): Promise<void>;
  /** Takes requests whole and never answers. */
  hang(options?: FaultOptions): void;
  /** Answers so much later, by the clock of balancers: with `stopClock`, when that time was let go by. */
  slowDown(by: Duration, options?: FaultOptions): void;
  /** Answers with a status. Default: 500. */
  fail(status?: number, options?: FailOptions): void;
  /** Takes a request whole and ends the connection before its answer is whole: at once, within the head, or within the body. */
  cutOff(options?: CutOffOptions): void;
  /** Takes a request whole and resets the connection (RST). */
  reset(options?: FaultOptions): void;
  /** Answers so from now on when it is well; without a handler, with its name again. */
  answer(handler?: MemberHandler): void;
  /** Has connections that ask for another protocol; without a handler, sends back what comes by WebSockets again. */
  answerUpgrade(handler?: MemberUpgradeHandler): void;
  /** Is well again: ends its fault, and listens if it refused. What `answer` has set stays. Connections that hang stay so. */
  recover(): Promise<void>;
}>;

/** The one of a member that ends it, which is its keeper's. */
export type OwnTestMember<Name extends string = string> = Readonly<{
  member: TestMember<Name>;
  close(): Promise<void>;
}>;

/** Starts a member. `note` is told each request as its head comes. */
export async function startMember<const Name extends string>(
  name: Name,
  ownAnswer: MemberHandler | undefined,
  note: (request: MemberRequest) => void,
): Promise<OwnTestMember<Name>> {
  const greet: MemberHandler =
    ownAnswer ??
    ((req, res) => {
      whenWhole(req, () => res.setHeader('Content-Type', 'text/plain').end(name));
    });
  const requests: RecordedRequest[] = [];
  const given = new WeakSet<MemberRequest>();
  let answer = greet;
  let answerUpgrade: MemberUpgradeHandler | undefined;
  let fault: Fault | undefined;

  function record(req: IncomingMessage, isUpgrade: boolean): RecordedRequest {
    const request = new RecordedRequest(name, req, server.numberOf(req.socket), isUpgrade);
    requests.push(request);
    note(request);
    return request;
  }

  function takeFault(request: MemberRequest): Fault | undefined {
    if (!fault?.isMeant(request)) return undefined;
    const met = fault;
    const left = fault.left - 1;
    fault = left === 0 ? undefined : { ...fault, left };
    return met;
  }

  async function answerWell(req: IncomingMessage, res: ServerResponse): Promise<void> {
    res.setHeader('X-Member', name);
    try {
      await answer(req, res);
    } catch (error) {
      // Shown by whoever expected another answer.
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      if (res.headersSent) res.destroy();
      else res.writeHead(500, { 'X-Member': name }).end(`the handler of ${name} has thrown: ${text}`);
    }
  }

  function onRequest(req: IncomingMessage, res: ServerResponse): void {
    const met = takeFault(record(req, false));
    if (met === undefined || met.kind === 'slow') {
      if (met === undefined) void answerWell(req, res);
      else clock.setTimer(() => void answerWell(req, res), met.ms).unref();
      return;
    }
    const act = (): void => {
      if (met.kind === 'fail') {
        res
          .writeHead(met.status, { 'X-Member': name, ...met.headers })
          .end(met.body ?? `${name} fails: ${met.status}`);
      } else breakOff(met, name, req.socket);
    };
    whenWhole(req, act);
  }

  function onUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    const request = record(req, true);
    const met = takeFault(request);
    socket.on('error', () => socket.destroy());
    const open = (): void => {
      if (answerUpgrade) {
        answerUpgrade(req, socket, head);
        return;
      }
      const accepted = acceptWebSocket(req, { 'X-Member': name });
      if (accepted === undefined) {
        socket.end(
          `HTTP/1.1 400 Bad Request\r\nX-Member: ${name}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
        );
        return;
      }
      socket.write(accepted);
      echoFrames(socket, head, (text) => request.messages.push(text));
    };
    if (met === undefined) open();
    else if (met.kind === 'slow') clock.setTimer(open, met.ms).unref();
    else if (met.kind === 'fail')
      socket.end(
        `HTTP/1.1 ${met.status} Failed\r\nX-Member: ${name}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
      );
    else breakOff(met, name, req.socket);
  }

  const server: MemberServer = await startServer(name, onRequest, onUpgrade);
  const url = `http://127.0.0.1:${server.port}/` as const;

  const member: TestMember<Name> = {
    name,
    url,
    port: server.port,
    definition: { url, route: name },
    requests,
    get connections() {
      return server.countConnections();
    },
    nextRequest({ only, ...patience } = {}) {
      const isMeant = compileRequestPattern(only, `${name}.nextRequest: only`);
      const find = (): MemberRequest | undefined =>
        requests.find((each) => !given.has(each) && isMeant(each));
      return lookUntil(
        () => {
          const next = find();
          if (next?.isOver !== true) return undefined;
          given.add(next);
          return next;
        },
        (seconds) => {
          const what = typeof only === 'string' ? only : 'request';
          const begun = find();
          const message =
            begun === undefined
              ? `${name} has got no further ${what} within ${seconds} s; it has got ${listRequests(requests)}`
              : `${tellRequest(begun)} has not come whole within ${seconds} s`;
          return complain({ message }, member.nextRequest);
        },
        patience,
      );
    },
    forget() {
      requests.length = 0;
    },
    refuse: server.stop,
    hang(options = {}) {
      fault = readHang(options, `${name}.hang`);
    },
    slowDown(by, options = {}) {
      fault = readSlow(by, options, `${name}.slowDown`);
    },
    fail(status = 500, options = {}) {
      fault = readFail(status, options, `${name}.fail`);
    },
    cutOff(options = {}) {
      fault = readCut(options, `${name}.cutOff`);
    },
    reset(options = {}) {
      fault = readReset(options, `${name}.reset`);
    },
    answer(handler = greet) {
      answer = handler;
    },
    answerUpgrade(handler) {
      answerUpgrade = handler;
    },
    async recover() {
      fault = undefined;
      await server.start();
    },
  };
  return { member, close: server.stop };
}

/** An answer to half a request is another story. */
function whenWhole(req: IncomingMessage, act: () => void): void {
  req.once('end', act).resume();
}

/** What is left of an answer where the connection ends before it is whole. */
function breakOff(
  fault: Extract<Fault, { kind: 'hang' | 'reset' | 'cut' }>,
  name: string,
  socket: IncomingMessage['socket'],
): void {
  if (fault.kind === 'hang') return;
  if (fault.kind === 'reset') {
    socket.resetAndDestroy();
    return;
  }
  const head = `HTTP/1.1 200 OK\r\nX-Member: ${name}\r\n`;
  if (fault.in === 'nothing') socket.destroy();
  else if (fault.in === 'head') socket.end(head, () => socket.destroy());
  else {
    const { afterBytes } = fault;
    const body = name.repeat(Math.ceil(afterBytes / name.length)).slice(0, afterBytes);
    socket.end(`${head}Content-Length: ${afterBytes + 1}\r\n\r\n${body}`, () => socket.destroy());
  }
}

/** What has come, for an error. */
export function listRequests(requests: readonly MemberRequest[]): string {
  return requests.length === 0 ? 'none at all' : `${requests.length}:${indent(requests.map(tellRequest))}`;
}
