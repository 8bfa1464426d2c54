import type { IncomingHttpHeaders } from 'node:http';
import { startBackend, type Backend } from '../support/backend.ts';
import { requestTarget, type Wishes } from '../support/request-target.ts';

/** What a backend is to answer, as the client says by its header. */
export type Order = Readonly<{ status?: number; headers?: readonly (readonly [string, string])[] }>;

const orderHeader = 'x-order';

/** A backend that tells who it is and what it has got, and answers with what the request orders. */
export async function startTellingBackend(name: string): Promise<Backend> {
  return startBackend(name, (req, res, { url }) => {
    const { status = 200, headers = [] } = readOrder(req.headers);
    res.statusCode = status;
    for (const [header, value] of headers) res.appendHeader(header, value);
    res.setHeader('X-Backend', name);
    res.setHeader('X-Upstream', JSON.stringify({ url, headers: pick(req.headers) }));
    res.end();
  });
}

/** Headers whose values both proxies send alike; the others name the proxy or its port. */
function pick({ cookie, 'x-forwarded-for': forwardedFor, host }: IncomingHttpHeaders): Upstream['headers'] {
  return { cookie, forwardedFor, host };
}

type Upstream = Readonly<{
  url: string;
  headers: Readonly<{ cookie: string | undefined; forwardedFor: unknown; host: string | undefined }>;
}>;

function readOrder(headers: IncomingHttpHeaders): Order {
  const order = headers[orderHeader];
  // Written by `asksFor`, a few lines below.
  return typeof order === 'string' ? (JSON.parse(order) as Order) : {};
}

/** A request as the tables write it: its target, and what else is in it. */
export type Ask = Wishes & Readonly<{ target: string; order?: Order | undefined }>;

/** What is compared: who has answered, what it has got, and what the client was told. */
export type Seen = Readonly<{
  status: number;
  /** Undefined: the proxy itself. */
  backend: string | undefined;
  upstream: Upstream | undefined;
  location: string | undefined;
  contentLocation: string | undefined;
  setCookie: readonly string[];
}>;

/** Asks one of the two; its own port is written `PORT` in what it says. */
export async function see(port: number, { target, order, headers = {}, ...wishes }: Ask): Promise<Seen> {
  const asked = order === undefined ? headers : { ...headers, [orderHeader]: JSON.stringify(order) };
  const answer = await requestTarget(port, target, { ...wishes, headers: asked });
  const { 'x-backend': backend, 'x-upstream': upstream, location } = answer.headers;
  const hidePort = <T extends string | undefined>(text: T): T => text?.replaceAll(`:${port}`, ':PORT') as T;
  return {
    status: answer.status,
    backend: backend as string | undefined,
    upstream: typeof upstream === 'string' ? (JSON.parse(hidePort(upstream)) as Upstream) : undefined,
    location: hidePort(location),
    contentLocation: hidePort(answer.headers['content-location']),
    setCookie: (answer.headers['set-cookie'] ?? []).map(hidePort),
  };
}
