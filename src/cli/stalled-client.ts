import type { IncomingMessage, ServerResponse } from 'node:http';

/** How long a client may take for the next piece of its request, or of its answer: httpd's own Timeout. */
const patienceMs = 60_000;

/**
 * Ends the connection of a client that neither sends the rest of its request nor takes its answer: it would hold a
 * connection to a member as long as it likes. How long a member may take is the balancer's to say.
 */
export function endWhenStalled(req: IncomingMessage, res: ServerResponse, afterMs = patienceMs): void {
  const { socket } = req;
  let before = '';
  const timer = setInterval(() => {
    const now = `${socket.bytesRead} ${socket.bytesWritten - socket.writableLength}`;
    if (isClientsTurn(req) && now === before) socket.destroy();
    before = now;
  }, afterMs).unref();
  res.once('close', () => {
    clearInterval(timer);
  });
}

/** What has come and is not read yet waits for a member. */
function isClientsTurn({ complete, readableLength, socket }: IncomingMessage): boolean {
  return socket.writableLength > 0 || (!complete && readableLength === 0);
}
