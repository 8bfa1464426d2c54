import type { Hello, Point, State } from './messages.ts';

/** What is done with what the manager tells. */
export type Listener = Readonly<{
  onHello(hello: Hello): void;
  onState(state: State): void;
  /** Something was heard although nothing is new. */
  onBeat(): void;
  onPoint(point: Point): void;
  /** Nothing comes any more; `isOut`: since whoever looks may not any more. It goes on being tried. */
  onLoss(isOut: boolean): void;
}>;

/** The manager says something every 15 seconds at least; who hears nothing for so long hears nothing any more. */
const silenceMs = 40_000;
const retryMs = 3000;
/** A page that nobody sees keeps none of the few connections that a browser has for a server. */
const hiddenMs = 30_000;

/** Listens as long as the page is looked at, and comes back whenever the connection is lost. `base`: with trailing slash. */
export function listen(base: URL, listener: Listener): void {
  let source: EventSource | undefined;
  let heardAt = 0;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let hiding: ReturnType<typeof setTimeout> | undefined;

  function open(): void {
    close();
    heardAt = Date.now();
    const opened = new EventSource(new URL('events', base));
    source = opened;
    const on = (event: string, act: (data: string) => void): void => {
      opened.addEventListener(event, ({ data }: MessageEvent<string>) => {
        if (source !== opened) return;
        heardAt = Date.now();
        act(data);
      });
    };
    // What the manager sends is of one build with this script, so its shape is known.
    on('hello', (data) => {
      listener.onHello(JSON.parse(data) as Hello);
    });
    on('state', (data) => {
      listener.onState(JSON.parse(data) as State);
    });
    on('beat', () => {
      listener.onBeat();
    });
    on('point', (data) => {
      listener.onPoint(JSON.parse(data) as Point);
    });
    // Not a loss: the manager wants to look at the session again.
    on('again', open);
    opened.onerror = () => {
      if (source !== opened) return;
      listener.onLoss(false);
      // A browser comes back by itself after a lost connection, but not after an answer that is no stream.
      if (opened.readyState === EventSource.CLOSED) comeBack();
    };
  }

  function close(): void {
    clearTimeout(retry);
    source?.close();
    source = undefined;
  }

  function comeBack(): void {
    close();
    retry = setTimeout(() => {
      void isOut(base).then((out) => {
        if (out) listener.onLoss(true);
        if (document.hidden) return;
        if (out) comeBack();
        else open();
      });
    }, retryMs);
  }

  function watch(): void {
    if (!source || Date.now() - heardAt < silenceMs) return;
    listener.onLoss(false);
    open();
  }

  document.addEventListener('visibilitychange', () => {
    clearTimeout(hiding);
    if (document.hidden) hiding = setTimeout(close, hiddenMs);
    else if (!source) open();
  });
  // A page on its way out has lost nothing.
  addEventListener('pagehide', close);
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) open();
  });
  setInterval(watch, 5000);
  open();
}

/** Whether whoever looks is not let in any more. */
async function isOut(base: URL): Promise<boolean> {
  try {
    const answer = await fetch(new URL('api/token', base), { redirect: 'manual', cache: 'no-store' });
    return answer.type === 'opaqueredirect' || answer.status === 401 || answer.status === 403;
  } catch {
    return false;
  }
}
