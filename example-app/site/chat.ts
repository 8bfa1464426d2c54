import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { isTokenOf } from './own-form.ts';
import { maxText } from './pages.ts';
import { readSessionId, type Session, type Sessions } from './sessions.ts';

/** The chat of one backend: whoever is connected hears what anyone says. */
export type Chat = Readonly<{
  upgrade: (req: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Shuts the connections of a session that has ended. */
  dismiss: (session: Session) => void;
}>;

export function createChat(backend: string, sessions: Sessions): Chat {
  const server = new WebSocketServer({ noServer: true, maxPayload: 8 * maxText });
  const present = new Map<WebSocket, Session>();

  const tellAll = (from: string, text: string): void => {
    for (const socket of present.keys()) socket.send(JSON.stringify({ from, text }));
  };

  const enter = (socket: WebSocket, session: Session): void => {
    present.set(socket, session);
    tellAll(backend, `${session.user} came in; connections here: ${present.size}`);
    socket.on('error', () => {
      socket.terminate();
    });
    socket.on('message', (data) => {
      const text = readText(data);
      if (text !== '') tellAll(session.user, text);
    });
    socket.on('close', () => {
      present.delete(socket);
      tellAll(backend, `${session.user} left; connections here: ${present.size}`);
    });
  };

  return {
    upgrade: (req, socket, head) => {
      socket.on('error', () => socket.destroy());
      const session = findSession(req, sessions);
      if (session === undefined) refuse(socket);
      else {
        server.handleUpgrade(req, socket, head, (connection) => {
          enter(connection, session);
        });
      }
    },
    dismiss: (session) => {
      for (const [socket, owner] of present) if (owner === session) socket.close(1008, 'logged out');
    },
  };
}

/** The cookie says who it is; the token, that our own page has opened the connection. */
function findSession(req: IncomingMessage, sessions: Sessions): Session | undefined {
  const url = new URL(req.url ?? '/', 'http://localhost');
  if (url.pathname !== '/chat-socket' && url.pathname !== '/forum/chat-socket') return undefined;
  const session = sessions.find(readSessionId(req.headers.cookie));
  const token = url.searchParams.get('token') ?? '';
  return session !== undefined && isTokenOf(session, token) ? session : undefined;
}

function refuse(socket: Duplex): void {
  socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
}

function readText(data: RawData): string {
  const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer);
  return bytes.toString('utf8').trim().slice(0, maxText);
}
