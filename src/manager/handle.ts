import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Next } from '../handle-request.ts';
import { announcesBody } from '../request/read-body.ts';
import { answerWithJson, answerWithText, isTold, retell, sendAnswer, type ToldError } from './answers.ts';
import { rewordForApi } from './api/api-advice.ts';
import { admit, type Entry } from './door/admit.ts';
import { mostBytes, readBody } from './door/body.ts';
import { setSecurityHeaders } from './door/headers.ts';
import { isAllowedHost, readHost, type Host } from './door/host.ts';
import { findRemoteSign } from './door/loopback.ts';
import { findForeignSign, isEmbedded } from './door/origin.ts';
import { readPlace, type Place } from './door/place.ts';
import type { Tokens } from './door/token.ts';
import type { ManagerSettings } from './read-options.ts';
import { ManagerError, type Answer, type Asked, type ManagerParts, type Route, type User } from './route.ts';
import type { FindRoute } from './router.ts';

/** What a manager answers with. */
export type House = Readonly<{
  settings: ManagerSettings;
  findRoute: FindRoute;
  tokens: Tokens;
  parts: ManagerParts;
  /** The page with what went wrong at its top. */
  answerWithError: (asked: Asked, parts: ManagerParts, error: ToldError) => Answer;
  /** Milliseconds since 1970. */
  now: () => number;
}>;

/** A request on its way in. */
type Visit = Readonly<{ house: House; req: IncomingMessage; res: ServerResponse }>;

/** One request to the manager, top to bottom: who asks, for what, may they, and the answer. Never rejects. */
export async function handle(
  house: House,
  req: IncomingMessage,
  res: ServerResponse,
  next: Next,
): Promise<void> {
  const visit: Visit = { house, req, res };
  try {
    setSecurityHeaders(res);
    const answer = await answerVisit(visit);
    // The client may have left, and the app may have answered in the meantime, with a timeout of its own.
    if (answer !== undefined && !res.destroyed && !res.headersSent) send(visit, answer);
  } catch (error) {
    house.settings.logger.error(`[manager] ${req.method!} could not be answered:`, error);
    next(error);
  }
}

/** Undefined: it is answered already, or nobody waits for the answer. */
async function answerVisit(visit: Visit): Promise<Answer | undefined> {
  const { house, req, res } = visit;
  const place = readPlace(req);
  if (place === undefined) return answerWithText(new ManagerError('ERR_MANAGER_NOT_FOUND'));
  const host = readHost(req.rawHeaders, place.authority);
  const refusal = refuseHost(house.settings, host, req) ?? refuseEmbedding(req);
  if (refusal || !host) return answerWithText(refusal ?? new ManagerError('ERR_MANAGER_HOST'));

  const entry = await askEntry(visit);
  // A login page, say: authorize may answer by itself.
  if (res.headersSent || res.writableEnded) return undefined;
  if (entry.kind === 'out') return answerWithText(new ManagerError('ERR_MANAGER_FORBIDDEN'));
  if (entry.kind === 'challenged') {
    const challenge = { 'WWW-Authenticate': entry.challenge };
    return answerWithText(new ManagerError('ERR_MANAGER_UNAUTHORIZED'), challenge);
  }

  const found = house.findRoute(req.method!, place.path);
  if (found.kind === 'nothing') return answerWithJson(new ManagerError('ERR_MANAGER_NOT_FOUND'));
  if (found.kind === 'wrong-method') {
    res.setHeader('Allow', found.allow);
    return answerWithJson(new ManagerError('ERR_MANAGER_METHOD', tellMethods(req, place, found.allow)));
  }
  const asked = buildAsked(visit, place, entry.user, found.params);
  return answerRoute(visit, found.route, asked, host);
}

async function answerRoute(
  { house, req }: Visit,
  route: Route,
  asked: Asked,
  host: Host,
): Promise<Answer | undefined> {
  let body: unknown;
  try {
    if (route.method !== 'GET') {
      const isDirect = house.settings.authorize === 'loopback-only';
      const foreign = findForeignSign(req, host, isDirect);
      if (foreign !== undefined) throw new ManagerError('ERR_MANAGER_ORIGIN', foreign);
      const read = await readBody(req, route.takes);
      if (read === 'client-left') return undefined;
      // Only now: what somebody else's page has filled in is not shown again.
      body = read.body;
      const token = tokenOf(req, route, body);
      if (!house.tokens.isValid(token, asked.user.name, house.now()))
        throw new ManagerError('ERR_MANAGER_TOKEN', 'load the page again, or ask for a new one');
      if (asked.user.readOnly && !route.isQuestion)
        throw new ManagerError('ERR_MANAGER_FORBIDDEN', 'you may look, and change nothing');
    }
    if (showsCounts(route)) await house.parts.survey.refresh();
    return await route.answer(withBody(asked, body), house.parts);
  } catch (error) {
    if (!isTold(error)) throw error;
    if (!isOfPage(route)) return answerWithJson(retell(error, rewordForApi));
    await house.parts.survey.refresh();
    return house.answerWithError(withBody(asked, body), house.parts, error);
  }
}

function refuseHost(
  { authorize, hosts }: ManagerSettings,
  host: Host | undefined,
  req: IncomingMessage,
): ManagerError | undefined {
  if (host === undefined) return new ManagerError('ERR_MANAGER_HOST', 'one Host is needed');
  const remote = authorize === 'loopback-only' ? findRemoteSign(req) : undefined;
  if (remote !== undefined) return new ManagerError('ERR_MANAGER_FORBIDDEN', remote);
  return isAllowedHost(host, hosts) ? undefined : new ManagerError('ERR_MANAGER_HOST');
}

function refuseEmbedding(req: IncomingMessage): ManagerError | undefined {
  const isReading = req.method === 'GET' || req.method === 'HEAD';
  return isReading && isEmbedded(req)
    ? new ManagerError('ERR_MANAGER_ORIGIN', 'it is not shown within other pages')
    : undefined;
}

function askEntry({ house, req, res }: Visit): Promise<Entry> {
  const { authorize, logger } = house.settings;
  if (authorize !== 'loopback-only') return admit(authorize, req, res, logger);
  // Where it comes from was looked at first of all.
  return Promise.resolve({ kind: 'in', user: { name: 'this machine', readOnly: false } });
}

function buildAsked(visit: Visit, place: Place, user: User, params: Asked['params']): Asked {
  const { house, req } = visit;
  return {
    req,
    user,
    base: place.base,
    params,
    query: place.query,
    body: undefined,
    get token() {
      return house.tokens.issue(user.name, house.now());
    },
    async isStillAdmitted() {
      const entry = await askEntry(visit);
      return entry.kind === 'in' && entry.user.name === user.name && entry.user.readOnly === user.readOnly;
    },
  };
}

/** The same with a body, and a token that is still made when it is asked for. */
function withBody(asked: Asked, body: unknown): Asked {
  return Object.defineProperties({ body } as Asked, {
    ...Object.getOwnPropertyDescriptors(asked),
    body: { value: body, enumerable: true },
  });
}

function tokenOf({ headers }: IncomingMessage, { takes }: Route, body: unknown): unknown {
  const sent = headers['x-manager-token'];
  if (sent !== undefined || takes !== 'form') return sent;
  // Fields of a form, as they were read.
  return (body as Readonly<Record<string, unknown>>)['token'];
}

/** What a path takes; where httpd's balancer-manager takes `b`, `w` and `nonce`, the way to the API too. */
function tellMethods({ method }: IncomingMessage, { base, path }: Place, allow: string): string {
  return path === '/' && method === 'POST'
    ? `it takes ${allow}; a script makes changes by ${base}/api/balancers, with the token of ${base}/api/token`
    : `it takes ${allow}`;
}

/** Whether people see what it answers: the page itself, and its forms. */
function isOfPage({ path, takes }: Route): boolean {
  return path === '/' || takes === 'form';
}

/** Whether what it answers has counts in it, those of other processes among them. */
function showsCounts(route: Route): boolean {
  return isOfPage(route) || /^\/api\/(?:report$|balancers)/.test(route.path);
}

function send({ req, res }: Visit, answer: Answer): void {
  const length = Number(req.headers['content-length'] ?? Infinity);
  // What is left of a long body is not worth waiting for. HTTP/2 has no such field.
  if (announcesBody(req) && !req.complete && length > mostBytes && req.httpVersionMajor < 2)
    res.setHeader('Connection', 'close');
  sendAnswer(res, answer, req.method === 'HEAD');
}
