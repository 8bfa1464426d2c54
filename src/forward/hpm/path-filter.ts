import type { IncomingMessage } from 'node:http';
import { createProxyMiddleware } from 'http-proxy-middleware';
import type { HttpProxyMiddleware } from '../../definition/definition.ts';

/**
 * Whether a request is one that http-proxy-middleware's `pathFilter` lets through; undefined without one. Paths, globs and
 * lists of them are matched by http-proxy-middleware itself, which has no other way of being asked than a request. It is asked
 * about the path that members will get: in what the client wrote, `//a/b` would be the path `/b` of a host `a`.
 */
export function compilePathFilter(
  pathFilter: HttpProxyMiddleware['pathFilter'],
): ((req: IncomingMessage, path: string) => boolean) | undefined {
  if (pathFilter === undefined) return undefined;
  if (typeof pathFilter === 'function') {
    return (req, path) => Boolean(pathFilter(new URL(locate(path)).pathname, req));
  }
  const ask = createProxyMiddleware({
    pathFilter,
    // What is let through goes no further than this.
    router() {
      throw new Error('let through');
    },
  });
  return (_req, path) => {
    let isLeft = false;
    // No more of a request is looked at, and the client's own is nobody's to hand out.
    const asked: Pick<IncomingMessage, 'url'> = { url: locate(path) };
    // The filter is asked at once, and `next` called at once without an error, if the request is left to the app.
    void ask(asked as never, {} as never, (error) => {
      if (error === undefined) isLeft = true;
    });
    return !isLeft;
  };
}

function locate(path: string): string {
  return `http://localhost${path}`;
}
