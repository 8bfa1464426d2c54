import { once } from 'node:events';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import * as api from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, type ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { RequestHandler } from 'express';
import { attachUpgrades, type BalancerDefinition } from '../../src/index.ts';
import { ask } from '../support/ask.ts';
import { deadUrl, startBackend } from '../support/backend.ts';
import { startFaulty } from '../support/faults.ts';
import { senders, startFront, type Front } from '../support/front.ts';
import { startHolding } from '../support/holding.ts';
import { tidyUp, until } from '../support/idle.ts';
import { RawClient } from '../support/raw-client.ts';
import { readPage } from '../support/pages.ts';
import { runSnippet } from '../support/snippets.ts';
import { closeWebSockets, openWebSocket, startChat } from '../support/websocket.ts';

const { findSnippet } = readPage('docs/metrics-and-tracing.md');

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const tracestate = 'rojo=00f067aa0ba902b7';

const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });

beforeAll(() => {
  provider.register();
});

afterEach(async () => {
  closeWebSockets();
  await tidyUp();
  exporter.reset();
});

afterAll(async () => {
  await provider.shutdown();
  api.trace.disable();
  api.context.disable();
  api.propagation.disable();
});

/** An app as docs/metrics-and-tracing.md has it, below a span for each request. */
function startTraced(definition: BalancerDefinition, mount = '/'): Promise<Front> {
  const modules = { '@opentelemetry/api': api };
  const { traceAttempts } = runSnippet(findSnippet('Traces'), modules, {}, ['traceAttempts']);
  const tracer = api.trace.getTracer('app');
  return startFront(definition, {
    mount,
    before(app) {
      app.use((req, res, next) => {
        const kind = api.SpanKind.SERVER;
        const parent = api.propagation.extract(api.context.active(), req.headers);
        tracer.startActiveSpan('request', { kind }, parent, (span) => {
          res.once('close', () => {
            span.end();
          });
          next();
        });
      });
      app.use(traceAttempts as RequestHandler);
    },
  });
}

/** The spans of one request: its own, and those of its attempts in their order. */
async function readSpans(
  attempts: number,
): Promise<Readonly<{ request: ReadableSpan; spans: ReadableSpan[] }>> {
  await until(() => exporter.getFinishedSpans().length > attempts);
  const all = exporter.getFinishedSpans();
  const request = all.find(({ name }) => name === 'request')!;
  return { request, spans: all.filter((span) => span !== request) };
}

const toMs = ([seconds, nanoseconds]: api.HrTime): number => seconds * 1_000 + nanoseconds / 1_000_000;

describe.each(senders)('%s', (_sender, sender) => {
  test('a failover is two spans below that of the request, one after the other', async () => {
    const dead = await deadUrl();
    const backend = await startBackend('b');
    const front = await startTraced({
      ...sender,
      name: 'shop',
      members: [
        { url: dead, route: 'a' },
        { url: backend.url, route: 'b' },
      ],
    });
    const before = Date.now();
    expect((await ask(front.port, { path: '/x', headers: { traceparent } })).text).toBe('b');
    const { request, spans } = await readSpans(2);
    const after = Date.now();
    expect(spans).toHaveLength(2);
    const [first, second] = spans as [ReadableSpan, ReadableSpan];

    for (const span of spans) {
      expect(span.kind).toBe(api.SpanKind.CLIENT);
      expect(span.name).toBe('GET');
      expect(span.parentSpanContext!.spanId).toBe(request.spanContext().spanId);
      expect(span.spanContext().traceId).toBe('0af7651916cd43dd8448eb211c80319c');
    }
    expect(first.attributes).toEqual({
      'http.request.method': 'GET',
      'server.address': '127.0.0.1',
      'server.port': Number(new URL(dead).port),
      'error.type': 'ECONNREFUSED',
      'balancer.name': 'shop',
      'balancer.member': 'a',
      'balancer.reason': 'method',
      'balancer.outcome': 'connect',
    });
    expect(first.status.code).toBe(api.SpanStatusCode.ERROR);
    expect(second.attributes).toEqual({
      'http.request.method': 'GET',
      'http.request.resend_count': 1,
      'http.response.status_code': 200,
      'server.address': '127.0.0.1',
      'server.port': backend.port,
      'balancer.name': 'shop',
      'balancer.member': 'b',
      'balancer.reason': 'method',
      'balancer.outcome': 'answered',
    });
    expect(second.status.code).toBe(api.SpanStatusCode.UNSET);

    const times = [first.startTime, first.endTime, second.startTime, second.endTime].map(toMs);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
    // Two clocks that do not tick together.
    expect(times[0]).toBeGreaterThanOrEqual(before - 50);
    expect(times[3]).toBeLessThanOrEqual(after + 50);
  });

  test('an answer that is an error is one of its span, with the status as its type', async () => {
    const backend = await startBackend('a', (_req, res) => res.writeHead(502).end());
    const front = await startTraced({ ...sender, members: [backend.url] });
    await ask(front.port, { method: 'POST' });
    const { spans } = await readSpans(1);
    expect(spans[0]).toMatchObject({
      name: 'POST',
      status: { code: api.SpanStatusCode.ERROR },
      attributes: {
        'http.response.status_code': 502,
        'error.type': '502',
        'balancer.outcome': 'answered',
        'balancer.member': backend.url,
      },
    });
  });

  test('an answer that breaks off is a failure, and so is a member that never answers', async () => {
    const broken = await startFaulty('closes in a counted body');
    const front = await startTraced({ ...sender, members: [broken.url] });
    await ask(front.port);
    expect((await readSpans(1)).spans[0]).toMatchObject({
      status: { code: api.SpanStatusCode.ERROR },
      attributes: { 'http.response.status_code': 200, 'balancer.outcome': 'reset' },
    });
    exporter.reset();
    const silent = await startFaulty('stays silent');
    const patient = await startTraced({
      ...sender,
      members: [{ url: silent.url, timeout: '50ms', connectiontimeout: '20s' }],
    });
    await ask(patient.port);
    const { spans } = await readSpans(1);
    expect(spans[0]).toMatchObject({
      status: { code: api.SpanStatusCode.ERROR },
      attributes: { 'balancer.outcome': 'timeout' },
    });
    expect(spans[0]!.attributes).not.toHaveProperty('http.response.status_code');
    expect(toMs(spans[0]!.duration)).toBeGreaterThan(40);
  });

  test('a client that leaves is no failure of the member', async () => {
    const backend = await startHolding();
    const front = await startTraced({ ...sender, members: [backend.url] });
    const client = await RawClient.connect(front.port);
    client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => backend.held() === 1);
    client.socket.destroy();
    expect((await readSpans(1)).spans[0]).toMatchObject({
      status: { code: api.SpanStatusCode.UNSET },
      attributes: { 'balancer.outcome': 'client-gone' },
    });
  });

  test('the trace context of the client reaches the member as it came', async () => {
    const backend = await startBackend();
    const front = await startFront({ ...sender, members: [await deadUrl(), backend.url] });
    await ask(front.port, { headers: { traceparent, tracestate, baggage: 'a=1' } });
    await ask(front.port);
    const [with_, without] = backend.received.map(({ rawHeaders }) =>
      rawHeaders.filter((_, i) => /^(?:trace\w+|baggage)$/i.test(rawHeaders[i - (i % 2)]!)),
    );
    expect(with_).toEqual(['traceparent', traceparent, 'tracestate', tracestate, 'baggage', 'a=1']);
    expect(without).toEqual([]);
  });
});

test('a request that no balancer has served has no span but its own', async () => {
  const backend = await startBackend();
  const front = await startTraced({ members: [backend.url] }, '/shop');
  expect((await ask(front.port, { path: '/about' })).status).toBe(404);
  await ask(front.port, { path: '/shop' });
  await until(() => exporter.getFinishedSpans().length === 3);
  expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(['request', 'request', 'GET']);
});

test('a WebSocket has none', async () => {
  const chat = await startChat('a');
  const front = await startTraced({ members: [chat.url] });
  attachUpgrades(front.server, front.app);
  const { socket } = await openWebSocket(front.port);
  const closed = once(socket, 'close');
  socket.close();
  await closed;
  await until(() => front.balancer.view()[0]!.busy === 0);
  await ask(front.port);
  await until(() => exporter.getFinishedSpans().length > 1);
  expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(['request', 'GET']);
});

test('the hook for undici leaves the context of its own span alone', async () => {
  type Request = Readonly<{ headers: string[]; addHeader(name: string, value: string): void }>;
  type Hook = (span: unknown, request: Request) => void;
  const { dropClientContext } = runSnippet(findSnippet('Traces', 1), {}, {}, ['dropClientContext']);
  const own = traceparent.replace('b7ad6b7169203331', '00f067aa0ba902b7');
  const origins: string[] = [];
  // What the instrumentation does.
  const instrument = (message: unknown): void => {
    const { request } = message as Readonly<{ request: Request & Readonly<{ origin: string }> }>;
    origins.push(request.origin);
    (dropClientContext as Hook)(undefined, request);
    request.addHeader('traceparent', own);
  };
  const backend = await startBackend();
  const front = await startFront({ members: [backend.url] });
  subscribe('undici:request:create', instrument);
  try {
    await ask(front.port, { headers: { 'X-One': '1', Traceparent: traceparent, tracestate, 'X-Two': '2' } });
  } finally {
    unsubscribe('undici:request:create', instrument);
  }
  expect(origins).toEqual([backend.url]);
  expect(backend.received[0]!.headers).toMatchObject({ 'x-one': '1', 'x-two': '2', traceparent: own });
  expect(backend.received[0]!.headers).not.toHaveProperty('tracestate');
});
