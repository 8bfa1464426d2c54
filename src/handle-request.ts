import type { IncomingMessage, ServerResponse } from 'node:http';
import { Account } from './account.ts';
import { debug } from './debug.ts';
import { Delivery } from './deliver.ts';
import { BalancerError } from './errors.ts';
import { answerLocally } from './forward/answer-locally.ts';
import { whenInterimsAreOut } from './forward/interims-first.ts';
import { createClient } from './forward/respond.ts';
import type { Parts } from './parts.ts';
import { bindSession } from './request/bind-session.ts';
import type { Mapping } from './request/mapping.ts';
import { hasLostTrack, makeLast } from './request/last-request.ts';
import { readBody } from './request/read-body.ts';
import { readInbound, type Reading, type RequestReader } from './request/read-inbound.ts';
import { watchEnd } from './ending.ts';
import type { UpgradeRequest } from './upgrade-request.ts';

/** `next` as Express and Connect hand it in. */
export type Next = (error?: unknown) => void;

/** A request as it comes in. */
export type Arrival = Readonly<{
  req: IncomingMessage;
  res: ServerResponse;
  next: Next;
  upgrade: UpgradeRequest | undefined;
  /** Undefined: what it asks for is asked for below the members' own paths. */
  mapping: Mapping | undefined;
}>;

/** One request, top to bottom: read, bind to its session, deliver. An upgrade is a request whose client may be switched. */
export function handleRequest(
  parts: Parts,
  reader: RequestReader,
  { req, res, next, upgrade, mapping }: Arrival,
): void {
  const { settings, members, mountPaths, warnings } = parts;
  const isUpgrade = upgrade !== undefined;

  let reading: Reading;
  try {
    reading = readInbound(reader, req, isUpgrade, mapping);
  } catch (error) {
    // A function of the definition has thrown; without Express around it nobody else would catch that.
    watchEnd(parts, { req, res }, isUpgrade);
    next(error);
    return;
  }
  debug.request('%s %s: %s', req.method, req.url, reading.kind);
  if (!isUpgrade && hasLostTrack(req)) makeLast(req, res);
  if (reading.kind === 'not-ours') {
    next();
    return;
  }

  const ending = watchEnd(parts, { req, res }, isUpgrade);
  const fail = (error: BalancerError): void => {
    ending.noteError(error.code);
    // An app may have sent a head of its own before, to keep its client waiting.
    const fields = res.headersSent ? [] : Object.entries(error.headers);
    for (const [name, value] of fields) {
      // Cookies that the app has set stay beside the member's.
      if (name === 'set-cookie') res.appendHeader(name, value);
      else res.setHeader(name, value);
    }
    whenInterimsAreOut(res, () => {
      next(error);
    });
  };
  if (reading.kind === 'refused') {
    const { code, problem: detail, status, closes } = reading;
    if (closes) makeLast(req, res);
    const details = { detail, balancer: settings.name, ...(status === undefined ? {} : { status }) };
    fail(new BalancerError(code, details));
    return;
  }
  if (reading.kind === 'here') {
    answerLocally(req, res);
    return;
  }
  if (res.headersSent) {
    fail(new BalancerError('ERR_BALANCER_ANSWERED', { balancer: settings.name }));
    return;
  }
  const { inbound } = reading;
  mountPaths.note(inbound.mountPath);
  const body = readBody(req, settings.replayBytes);
  if (body.kind === 'consumed') {
    warnings.noteConsumed(req, body.problem);
    // Node lets a body that somebody has begun to read stand in the way of the connection's next request.
    req.resume();
    fail(new BalancerError('ERR_BALANCER_BODY_CONSUMED', { detail: body.problem, balancer: settings.name }));
    return;
  }

  const session = bindSession(inbound, settings, reader.findSession, members.hasRoute);
  const account = new Account(parts, inbound, session, ending.arrivedAt);
  ending.follow(account);
  req.balancer = account.facts;
  debug.request('bound to %s by %s', session.route, session.sticky);

  const { upgradeTimeoutMs } = settings;
  const client = createClient({ req, res, upgrade, upgradeTimeoutMs, fail });
  // It has left while another middleware was thinking: its `close` is over.
  if (client.isGone()) {
    ending.closed();
    return;
  }
  const work = { origin: { req, res }, inbound, session, body, account, ending, next };
  warnings.noteRequest(work);
  const delivery = new Delivery(parts, work, client);
  ending.tellFirst(delivery);
  delivery.start();
}
