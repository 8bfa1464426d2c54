import { once } from 'node:events';
import { request, type Agent, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { Balancer } from '../../src/index.ts';
import { until } from './idle.ts';

/** An answer as a client has got it, whole. */
export type Answered = Readonly<{ status: number; headers: IncomingHttpHeaders; body: string }>;

/** What a client may want otherwise than a plain GET of front.example. */
export type Wishes = Readonly<{
  method?: string;
  /** A list is so many lines of that name. */
  headers?: Readonly<Record<string, string | readonly string[]>>;
  body?: string;
  /** Default: a connection of its own. */
  agent?: Agent | false;
}>;

/** Sends a request whose target and header lines are exactly these. */
export async function requestTarget(port: number, target: string, wishes: Wishes = {}): Promise<Answered> {
  const { method = 'GET', headers = {}, body, agent = false } = wishes;
  const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
  const fields = Object.entries({ Host: 'front.example', ...length, ...headers }).flatMap(([name, values]) =>
    [values].flat().flatMap((value) => [name, value]),
  );
  const sent = request({ host: '127.0.0.1', port, path: target, method, headers: fields, agent });
  sent.end(body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return { status: answer.statusCode!, headers: answer.headers, body: Buffer.concat(chunks).toString() };
}

/** Waits until no member is busy; one that stays so lets the test run out of time. */
export async function untilIdle(balancers: readonly Pick<Balancer, 'view'>[]): Promise<void> {
  await until(() => balancers.every((balancer) => balancer.view().every(({ busy }) => busy === 0)));
}
