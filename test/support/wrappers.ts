import type { ServerResponse } from 'node:http';
import { createGzip, type Gzip } from 'node:zlib';
import type { RequestHandler } from 'express';

/** Calls `act` just before a head is written, once, as the on-headers package does for express-session and others. */
export function onHeaders(act: (res: ServerResponse) => void): RequestHandler {
  return (_req, res, next) => {
    const writeHead = res.writeHead.bind(res) as (...args: unknown[]) => ServerResponse;
    let isDone = false;
    Object.assign(res, {
      writeHead(...args: unknown[]) {
        if (!isDone) {
          isDone = true;
          if (typeof args[0] === 'number') res.statusCode = args[0];
          act(res);
        }
        return writeHead(...args);
      },
    });
    next();
  };
}

/** Puts a gzip stream into the way of a response, and its `drain` in place of the response's, as the compression package does. */
export const compress: RequestHandler = (req, res, next) => {
  const write = res.write.bind(res) as (chunk: unknown) => boolean;
  const end = res.end.bind(res) as () => ServerResponse;
  const on = res.on.bind(res) as (event: string, listener: () => void) => ServerResponse;
  const waiting: (() => void)[] = [];
  let gzip: Gzip | undefined;
  let isDecided = false;
  const enter = (): void => {
    if (!res.headersSent) res.writeHead(res.statusCode);
  };
  Object.assign(res, {
    write(chunk: unknown) {
      enter();
      return gzip ? gzip.write(chunk) : write(chunk);
    },
    end(chunk?: unknown) {
      enter();
      if (chunk !== undefined) res.write(chunk);
      if (gzip) gzip.end();
      else end();
      return res;
    },
    on(event: string, listener: () => void) {
      if (event !== 'drain') return on(event, listener);
      if (gzip) gzip.on(event, listener);
      else if (isDecided) on(event, listener);
      else waiting.push(listener);
      return res;
    },
  });
  onHeaders(() => {
    isDecided = true;
    if (!String(res.getHeader('content-type')).startsWith('text/') || req.method === 'HEAD') {
      for (const listener of waiting) on('drain', listener);
      return;
    }
    gzip = createGzip();
    for (const listener of waiting) gzip.on('drain', listener);
    res.setHeader('Content-Encoding', 'gzip');
    res.removeHeader('Content-Length');
    gzip.on('data', (chunk: Buffer) => {
      if (!write(chunk)) gzip!.pause();
    });
    gzip.on('end', end);
    on('drain', () => gzip!.resume());
  })(req, res, next);
};

/** Keeps the end of a response back until something is stored, as express-session does. */
export function endLater(store: () => Promise<void>): RequestHandler {
  return (_req, res, next) => {
    const end = res.end.bind(res) as (...args: unknown[]) => ServerResponse;
    Object.assign(res, {
      end(...args: unknown[]) {
        if (!res.headersSent) res.writeHead(res.statusCode);
        void store().then(() => end(...args));
        return res;
      },
    });
    next();
  };
}
