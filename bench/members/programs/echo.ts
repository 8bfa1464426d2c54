import { createHash } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { echoFrames } from '../frames.ts';
import { listenAtAll } from './listening.ts';

/* RFC 6455, of which it does what an echo needs: the handshake, and each frame back without its mask. */

await listenAtAll(() => createServer({ noDelay: true }, serve));

function serve(socket: Socket): void {
  let rest: Buffer | undefined;
  let isOpen = false;
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    let bytes = rest ? Buffer.concat([rest, chunk]) : chunk;
    rest = undefined;
    if (!isOpen) {
      const end = bytes.indexOf('\r\n\r\n');
      if (end < 0) {
        rest = bytes;
        return;
      }
      socket.write(answerHandshake(bytes.toString('latin1', 0, end)));
      isOpen = true;
      bytes = bytes.subarray(end + 4);
    }
    const used = echoFrames(bytes, (frame, isLast) => {
      if (isLast) socket.end(frame);
      else socket.write(frame);
    });
    if (used < bytes.length) rest = bytes.subarray(used);
  });
}

function answerHandshake(head: string): string {
  const key = /^sec-websocket-key:[ \t]*(\S+)/im.exec(head)?.[1];
  if (key === undefined)
    return 'HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nContent-Length: 0\r\n\r\n';
  // RFC 6455 4.2.2.
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  return [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${accept}`,
    '\r\n',
  ].join('\r\n');
}
