import { request, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { clock } from '../clock.ts';
import type { HcAnswer } from '../definition/member-definition.ts';
import type { HealthSettings, MemberSettings } from '../definition/settings.ts';
import { speakHttp10 } from './older-version.ts';
import { openConnection, openedBy } from './open-connection.ts';

/** How one check of a member ended. */
export type ProbeResult =
  | Readonly<{ kind: 'connected' }>
  | Readonly<{ kind: 'answered'; answer: HcAnswer }>
  /** The message of `cause` is a few words for people; its own cause is the error of Node, where there is one. */
  | Readonly<{ kind: 'failed'; cause: Error }>;

/** What a check asks for. */
export type ProbeSettings = Pick<
  HealthSettings,
  'request' | 'target' | 'headers' | 'timeoutMs' | 'readsBody'
>;

/** Checks a member once. */
export type Probe = (
  member: MemberSettings,
  health: ProbeSettings,
  signal?: AbortSignal,
) => Promise<ProbeResult>;

/** How much of a body is read; the connection ends there, so that an endless one is no failure. */
const longestBody = 64 * 1024;

/** Checks a member once, on a connection of its own. Never rejects; whatever happens, the connection is ended. */
export const probe: Probe = (member, health, signal) => {
  const { promise, resolve } = Promise.withResolvers<ProbeResult>();
  let missing = 'no connection';
  let socket: Socket | undefined;

  const give = (why: string, cause?: unknown): void => {
    resolve({ kind: 'failed', cause: new Error(why, { cause }) });
  };
  const fail = (error: unknown): void => {
    give(`${missing}: ${nameError(error)}`, error);
  };
  const abort = (): void => {
    give('called off');
  };
  const timer = clock
    .setLimit(() => {
      // A loop that was busy runs its timers before it reads what has come meanwhile.
      setImmediate(() => {
        give(`timeout after ${health.timeoutMs / 1000} s`);
      });
    }, health.timeoutMs)
    .unref();
  signal?.addEventListener('abort', abort, { once: true });

  if (signal?.aborted) abort();
  else {
    const layer = health.request && member.protocol === 'https:' ? 'tls' : 'tcp';
    try {
      socket = openConnection(member, layer);
      const opened = socket.unref();
      // For good: what a connection says after its end has to be heard as well.
      opened.on('error', fail);
      // Only now: fields of a check may be secrets, which a wrong certificate must not get.
      opened.once(openedBy[layer], () => {
        if (!health.request) {
          resolve({ kind: 'connected' });
          return;
        }
        missing = 'no answer';
        try {
          ask(opened, member, health, {
            begin: () => (missing = 'no whole answer'),
            end: (answer) => {
              resolve({ kind: 'answered', answer });
            },
            fail,
          });
        } catch (error) {
          fail(error);
        }
      });
    } catch (error) {
      // A certificate or key that OpenSSL cannot read.
      fail(error);
    }
  }

  return promise.finally(() => {
    clock.clear(timer);
    signal?.removeEventListener('abort', abort);
    socket?.destroy();
  });
};

/** Who hears of an answer. */
type Listener = Readonly<{
  /** Its head has come. */
  begin: () => void;
  end: (answer: HcAnswer) => void;
  fail: (error: unknown) => void;
}>;

function ask(
  socket: Socket,
  member: MemberSettings,
  { request: asked, target, headers, readsBody }: ProbeSettings,
  listener: Listener,
): void {
  if (asked?.version === '1.0') speakHttp10(socket);
  const { method } = asked ?? { method: 'GET' };
  // Without an agent, Node adds `Connection: close`.
  const req = request({
    method,
    path: target,
    headers: headers.flat(),
    maxHeaderSize: member.maxHeadBytes,
    createConnection: () => socket,
  });
  req.on('error', listener.fail);
  // A switch of protocols that nobody asked for ends without an error.
  req.once('close', () => {
    listener.fail(new Error('the connection has ended'));
  });
  req.once('response', (res) => {
    listener.begin();
    const end = (body: string): void => {
      listener.end({ status: res.statusCode!, headers: res.headers, body });
    };
    if (method === 'GET') readBody(res, readsBody, { ...listener, end });
    else end('');
  });
  req.end();
}

/** Reads what of the body is looked at; also where it is not kept, since half an answer is none. */
function readBody(
  res: IncomingMessage,
  isKept: boolean,
  { end, fail }: Readonly<{ end: (body: string) => void; fail: (error: unknown) => void }>,
): void {
  const chunks: Buffer[] = [];
  let length = 0;
  const finish = (): void => {
    end(Buffer.concat(chunks).subarray(0, longestBody).toString());
  };
  res.on('error', fail);
  res.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (isKept) chunks.push(chunk);
    if (length >= longestBody) {
      res.pause();
      finish();
    }
  });
  res.once('end', finish);
}

/** Node's code for what went wrong, or the words of an error without one. */
function nameError(error: unknown): string {
  // Not `instanceof`: an app may run in a realm of its own, Node's errors do not.
  const { code, message } = Object(error) as Partial<NodeJS.ErrnoException>;
  return code ?? message ?? String(error);
}
