import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { clock, type Timer } from '../clock.ts';
import { closeToClient, makeCloseToMember } from './close-frame.ts';
import { finish } from './finish.ts';
import { FrameReader } from './frame-reader.ts';

/** What a tunnel is made of. */
export type Ends = Readonly<{
  client: Duplex;
  member: Duplex;
  /** It can be told to go; what else is spoken cannot. */
  isWebSocket: boolean;
  /** Silence both ways that ends it; undefined: it may be silent for ever. */
  idleTimeoutMs: number | undefined;
  /** Called once, when both connections have ended. */
  closed: () => void;
}>;

/** How long a client that was told to go may take to answer, in milliseconds: what it has not read yet comes first. */
const answerMs = 30_000;

/** How long either may take to end what the other side has ended, in milliseconds. */
const endMs = 2_000;

/** How long last words may take to be on their way, in milliseconds. */
export const lastWordsMs = 1_000;

/**
 * `between`: it is told to go, and waits for the end of a frame of the member's. `told`: the client has its Close, and gets
 * nothing more from the member. `over`: nothing goes any way.
 */
type Stage = 'open' | 'between' | 'told' | 'over';

/** Two connections that are one, until both have ended. Like httpd, lets the one end its side while the other still speaks. */
export class Tunnel {
  readonly #client: Duplex;
  readonly #member: Duplex;
  /** What the client says. */
  readonly #up: FrameReader | undefined;
  /** What the member says. */
  readonly #down: FrameReader | undefined;
  #stage: Stage = 'open';
  #patience: Timer | undefined;

  constructor({ client, member, isWebSocket, idleTimeoutMs, closed }: Ends) {
    this.#client = client;
    this.#member = member;
    this.#up = isWebSocket ? new FrameReader() : undefined;
    this.#down = isWebSocket ? new FrameReader() : undefined;
    let open = 2;
    for (const socket of [client, member]) {
      socket.allowHalfOpen = true;
      socket.on('error', ignore);
      setSocketOptions(socket, idleTimeoutMs, () => {
        client.destroy();
        member.destroy();
      });
      socket.once('close', () => {
        if (socket === client) this.#clientClosed();
        else this.#memberClosed();
        open -= 1;
        if (open > 0) return;
        clock.clear(this.#patience);
        closed();
      });
    }
    readPlainly(member);
    this.#pour(client, member, this.#up);
    this.#pour(member, client, this.#down);
  }

  /** Passes on what the client has said before the switch. */
  begin(early: Buffer): void {
    this.#up?.read(early);
    this.#member.write(early);
  }

  /**
   * Tells the client to go: a Close frame with 1001 behind the frame that the member is in. Its answer is the member's Close
   * frame. Does nothing where they are parting already, and for what is no WebSocket.
   */
  goAway(): void {
    if (this.#stage !== 'open' || !this.#down || !this.#mayClose()) return;
    if (this.#down.isBetweenFrames) this.#tell();
    else this.#stage = 'between';
  }

  /** Ends both connections, with a Close frame where the frames allow it and it goes at once. */
  stop(): void {
    if (this.#stage === 'over') return;
    const isTold = this.#stage === 'told';
    this.#stage = 'over';
    clock.clear(this.#patience);
    this.#patience = clock.setLimit(() => {
      this.#client.destroy();
      this.#member.destroy();
    }, lastWordsMs);
    // A client that has its Close already has been given its time.
    sayLast(this.#client, !isTold && isFree(this.#down) ? closeToClient : undefined);
    sayLast(this.#member, isFree(this.#up) ? makeCloseToMember() : undefined);
  }

  /** What `pipe` does between two sockets, without what it does for any other stream: about 3 % of an echo's CPU. */
  #pour(from: Duplex, to: Duplex, frames: FrameReader | undefined): void {
    const onData = (piece: Buffer): void => {
      if (this.#stage !== 'open') {
        this.#pass(from, piece);
        return;
      }
      frames?.read(piece);
      if (!to.write(piece)) from.pause();
    };
    from.on('data', onData);
    from.once('end', () => {
      to.end();
      // Nobody who was told to go is kept waiting for the member.
      if (from === this.#client && this.#stage === 'told') from.end();
    });
    to.on('drain', () => {
      from.resume();
    });
    to.once('close', () => {
      from.off('data', onData);
      // What is left of a member that has been told is read and dropped, so that it can end.
      if (this.#stage !== 'told') from.pause();
    });
    from.resume();
  }

  /** What comes while they part. */
  #pass(from: Duplex, piece: Buffer): void {
    if (this.#stage === 'over') return;
    if (from === this.#client) {
      this.#passUp(piece);
    } else if (this.#stage === 'between') {
      this.#passToBoundary(piece);
    }
  }

  #passUp(piece: Buffer): void {
    const up = this.#up!;
    up.read(piece);
    if (!this.#member.write(piece)) this.#client.pause();
    if (this.#stage !== 'told' || this.#client.writableEnded) return;
    if (!up.hasClosed || !up.isBetweenFrames) return;
    // RFC 6455 7.1.1: both have said Close; the server's side ends the connection first.
    this.#client.end();
    this.#wait(endMs);
  }

  #passToBoundary(piece: Buffer): void {
    const down = this.#down!;
    const end = down.read(piece, true);
    const isFull = !this.#client.write(end === piece.length ? piece : piece.subarray(0, end));
    if (down.isBetweenFrames && this.#mayClose()) {
      this.#tell();
      return;
    }
    if (isFull) this.#member.pause();
    if (!down.isBetweenFrames) return;
    // The client has said Close meanwhile: the member's answer is to come.
    this.#stage = 'open';
    if (end < piece.length) {
      down.read(piece.subarray(end));
      this.#client.write(piece.subarray(end));
    }
  }

  /** Nobody has said Close, and the client hears what it is told. */
  #mayClose(): boolean {
    return !this.#up!.hasClosed && !this.#down!.hasClosed && this.#client.writable;
  }

  #tell(): void {
    this.#stage = 'told';
    this.#wait(answerMs);
    // Who speaks no more does not answer either.
    if (this.#client.readableEnded) this.#client.end(closeToClient);
    else this.#client.write(closeToClient);
    this.#member.resume();
  }

  #clientClosed(): void {
    if (this.#stage === 'over') return;
    if (this.#stage === 'told' && (this.#client.readableEnded || this.#up!.hasClosed)) {
      // It has heard the client's Close, and is to answer it before its connection goes.
      this.#wait(endMs);
      this.#member.end();
      this.#member.resume();
    } else {
      this.#follow(this.#client, this.#member);
    }
  }

  #memberClosed(): void {
    if (this.#stage === 'over') return;
    if (this.#stage === 'told') finish(this.#client);
    else this.#follow(this.#member, this.#client);
  }

  /** One that has said all it had to say lets that arrive; one that broke off does not. Nobody hears the other any more. */
  #follow(one: Duplex, other: Duplex): void {
    if (one.readableEnded) finish(other);
    else other.destroy();
  }

  #wait(ms: number): void {
    clock.clear(this.#patience);
    this.#patience = clock.setLimit(() => {
      this.stop();
    }, ms);
  }
}

/** Whether a Close frame may go behind what has gone this way. */
function isFree(frames: FrameReader | undefined): boolean {
  return frames !== undefined && frames.isBetweenFrames && !frames.hasClosed;
}

/** Ends a connection: with a last word, unless that would wait for whoever does not read. */
function sayLast(socket: Duplex, word: Buffer | undefined): void {
  if (word === undefined || !socket.writable || socket.writableLength > 0) socket.destroy();
  else finish(socket, word);
}

/** Who has read answers from a connection may have left a `read` of its own on it: another 3 % of an echo's CPU. */
function readPlainly(socket: Duplex): void {
  // Not deleted: that may make each property of the socket slow.
  if (socket instanceof Socket && Object.hasOwn(socket, 'read'))
    Reflect.set(socket, 'read', Reflect.get(Socket.prototype, 'read'));
}

function setSocketOptions(socket: Duplex, idleTimeoutMs: number | undefined, expire: () => void): void {
  if (!('setTimeout' in socket)) return;
  const tcp = socket as Socket;
  tcp.setNoDelay(true);
  tcp.setTimeout(idleTimeoutMs ?? 0, expire);
}

function ignore(): void {
  // Told by `close`.
}
