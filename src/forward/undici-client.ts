import type { Socket } from 'node:net';
import { buildConnector, Client, errors, type Dispatcher } from 'undici';
import type { MemberSettings } from '../definition/settings.ts';
import { skipContinue } from './skip-continue.ts';

/** A connection that is being opened; undici leaves it alone until it is there. */
type Opening = { socket?: Socket | undefined };

/** undici's connectors return their socket; its types forget that. Undefined where there is none. */
type Connector = (...args: Parameters<buildConnector.connector>) => Socket | undefined;

/** A client that knows whether its connection has served a request before. */
export class MemberClient extends Client {
  #served = 0;
  readonly #expectAnswer: () => void;

  readonly #opening: Opening;

  constructor(origin: ConstructorParameters<typeof Client>[0], options: Client.Options) {
    // `clientOptions` has made it; undici's pools pass it on.
    const connect = options.connect as Connector;
    const opening: Opening = {};
    let expectAnswer: (() => void) | undefined;
    super(origin, {
      ...options,
      connect(asked, callback) {
        opening.socket = connect(asked, (...result) => {
          opening.socket = undefined;
          const [, socket] = result;
          if (socket) expectAnswer = skipContinue(socket, options.maxHeaderSize!);
          callback(...result);
        });
      },
    });
    this.#opening = opening;
    this.#expectAnswer = () => expectAnswer?.();
    this.on('connect', () => {
      this.#served = 0;
    });
  }

  /** A request is about to be written; true if it is not the first on its connection. */
  begin(): boolean {
    this.#expectAnswer();
    this.#served += 1;
    return this.#served > 1;
  }

  /** Nobody waits for it any more: its connection, if it is still being opened, ends. */
  abandon(): void {
    this.#opening.socket?.destroy(new errors.RequestAbortedError());
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if ('client' in handler) handler.client = this;
    return super.dispatch(options, handler);
  }
}

export function clientOptions(member: MemberSettings): Client.Options {
  return {
    connect: connectorOf(member),
    // One request at a time on a connection; 0 is undici's word for one request per connection.
    pipelining: member.disablereuse ? 0 : 1,
    ...(member.ttlMs === undefined
      ? {}
      : { keepAliveTimeout: member.ttlMs, keepAliveMaxTimeout: member.ttlMs, keepAliveTimeoutThreshold: 0 }),
    maxHeaderSize: member.maxHeadBytes,
    // The exchange watches for silence: undici's timers are right only to the second, and run on while the client is slow.
    headersTimeout: 0,
    bodyTimeout: 0,
    // HTTP/2 multiplexes requests over one connection: a different failure model, which nobody has asked for here.
    allowH2: false,
  };
}

/** Errors of connections that never came about, so that they can be told from those of idle ones. */
export const connectErrors = new WeakSet<Error>();

/** undici's connector with a timer of our own: undici's own is right only to the second. */
function connectorOf(member: MemberSettings): Connector {
  const connect = buildConnector({
    ...member.tls,
    ...(member.socketPath === undefined ? {} : { socketPath: member.socketPath }),
    allowH2: false,
    timeout: 0,
    keepAlive: member.keepalive,
  }) as unknown as (...args: Parameters<Connector>) => Socket;
  const servername = member.tls?.servername;
  return (options, callback) => {
    const { servername: asked, ...rest } = options;
    const named = member.protocol === 'https:' ? (servername ?? asked) : undefined;
    const fail = (error: Error): void => {
      connectErrors.add(error);
      callback(error, null);
    };
    let isSettled = false;
    try {
      const socket = connect(
        { ...rest, ...(named === undefined ? {} : { servername: named }) },
        (error, connected) => {
          isSettled = true;
          clearTimeout(timer);
          if (error) fail(error);
          else callback(null, connected);
        },
      );
      const timer = setTimeout(() => {
        // A loop that was busy runs its timers before it hears of connections.
        setImmediate(() => {
          if (isSettled) return;
          const seconds = member.connectTimeoutMs / 1000;
          socket.destroy(
            new errors.ConnectTimeoutError(`no connection to ${member.url} within ${seconds} s`),
          );
        });
      }, member.connectTimeoutMs);
      return socket;
    } catch (error) {
      // A certificate or key that OpenSSL cannot read.
      queueMicrotask(() => {
        fail(error instanceof Error ? error : new Error(String(error)));
      });
      return undefined;
    }
  };
}
