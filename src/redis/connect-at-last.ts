import { clock, type Timer } from '../clock.ts';
import { isStandalone, type AnyClient } from './client.ts';
import { reconnectStrategy } from './ear.ts';

/**
 * Connects a client. A standalone one goes on trying by itself; one of a Cluster or of Sentinels gives up, and is asked again
 * until it is open. Returns how to end that.
 */
export function connectAtLast(
  client: AnyClient,
  onConnected: () => void,
  onFailed: (error: unknown) => void,
): () => void {
  const isPersistent = isStandalone(client);
  let timer: Timer | undefined;
  let isOver = false;
  let retries = 0;

  function end(): void {
    isOver = true;
    clock.clear(timer);
    client.off('disconnect', end);
  }

  function connect(): void {
    if (isOver) return;
    // The app has connected it meanwhile.
    if (client.isOpen) end();
    else client.connect().then(succeed, fail);
  }

  function succeed(): void {
    end();
    onConnected();
  }

  function fail(error: unknown): void {
    onFailed(error);
    if (isPersistent || isOver) return;
    timer = clock.setTimer(connect, reconnectStrategy(retries)).unref();
    retries += 1;
  }

  // The app has closed its Cluster client, which is not to come back.
  client.on('disconnect', end);
  connect();
  return end;
}
