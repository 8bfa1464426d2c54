import type { IncomingMessage, ServerResponse } from 'node:http';
import { debug } from './debug.ts';
import { Delivery, type FactsInProgress, type Parts } from './deliver.ts';
import { BalancerError } from './errors.ts';
import { answerLocally } from './forward/answer-locally.ts';
import { createClient } from './forward/respond.ts';
import { bindSession } from './request/bind-session.ts';
import { readBody } from './request/read-body.ts';
import { readInbound, type RequestReader } from './request/read-inbound.ts';
import type { UpgradeRequest } from './upgrade-request.ts';

/** `next` as Express and Connect hand it in. */
export type Next = (error?: unknown) => void;

/** One request, top to bottom: read, bind to its session, deliver. An upgrade is a request whose client may be switched. */
export function handleRequest(
  parts: Parts,
  reader: RequestReader,
  req: IncomingMessage,
  res: ServerResponse,
  next: Next,
  upgrade: UpgradeRequest | undefined,
): void {
  const { settings, members } = parts;
  const fail = (error: BalancerError): void => {
    for (const [name, value] of Object.entries(error.headers)) res.setHeader(name, value);
    next(error);
  };

  const reading = readInbound(reader, req, upgrade !== undefined);
  debug.request('%s %s: %s', req.method, req.url, reading.kind);
  if (reading.kind === 'not-ours') {
    next();
    return;
  }
  if (reading.kind === 'refused') {
    fail(new BalancerError(reading.code, { detail: reading.problem, balancer: settings.name }));
    return;
  }
  if (reading.kind === 'here') {
    answerLocally(req, res);
    return;
  }
  const { inbound } = reading;
  const body = readBody(req, settings.replayBytes);
  if (body.kind === 'consumed') {
    fail(new BalancerError('ERR_BALANCER_BODY_CONSUMED', { detail: body.problem, balancer: settings.name }));
    return;
  }

  const session = bindSession(inbound, settings, members.hasRoute);
  const facts: FactsInProgress = {
    name: settings.name,
    sticky: session.sticky,
    route: session.route,
    member: undefined,
    memberRoute: undefined,
    routeChanged: false,
    attempts: [],
  };
  req.balancer = facts;
  debug.request('bound to %s by %s', session.route, session.sticky);

  const { upgradeTimeoutMs } = settings;
  const client = createClient({ req, res, upgrade, upgradeTimeoutMs, fail });
  const delivery = new Delivery(parts, { inbound, session, body, facts }, client);
  res.on('drain', () => {
    delivery.resume();
  });
  res.once('close', () => {
    delivery.leave();
  });
  delivery.start();
}
