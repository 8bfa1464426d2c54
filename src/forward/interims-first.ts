import type { ServerResponse } from 'node:http';

// Node writes a head with a Buffer behind it in front of all that waits for a turn on its connection, such as 100
// (Continue): its client would take that for the beginning of the body, and the rest of the body for the next answer.

/** Writes a head behind the interim answers that wait. It is ready, and nothing of it has been written yet. */
export function flushBehindInterims(res: ServerResponse): void {
  // Without a body, Node puts it where it belongs.
  if (hasWaiting(res)) res.flushHeaders();
}

/** Calls back when the app may answer: at once, unless an interim answer waits. */
export function whenInterimsAreOut(res: ServerResponse, callback: () => void): void {
  if (res.headersSent || !hasWaiting(res)) {
    callback();
    return;
  }
  let isOver = false;
  const goOn = (): void => {
    if (isOver) return;
    isOver = true;
    callback();
  };
  // It is told of its connection before anything is written there.
  if (res.socket) process.nextTick(goOn);
  else
    res
      .once('socket', () => {
        process.nextTick(goOn);
      })
      .once('close', goOn);
}

/** Whether something waits in the response itself, not in its connection. */
function hasWaiting({ writableLength, socket }: ServerResponse): boolean {
  return writableLength > (socket?.writableLength ?? 0);
}
