import { createServer as createHttpServer, IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import connect from 'connect';
import express, { Router, type ErrorRequestHandler, type Request, type RequestHandler } from 'express';
import {
  attachUpgrades,
  BalancerError,
  createBalancer,
  DefinitionError,
  type AttemptFacts,
  type Balancer,
  type BalancerDefinition,
  type BalancerErrorCode,
  type BalancerFacts,
  type MemberSnapshot,
  type Problem,
} from '../../src/index.ts';

// Compiled, never run: what must compile, and after each `@ts-expect-error` what must not.

declare function accept<Type>(value: Type): Type;

// Members have their names in views.

const balancer = createBalancer({
  stickysession: 'SID',
  members: [
    { url: 'http://app1/', route: 'app1' },
    { url: 'http://app2/', route: 'app2', redirect: 'app1' },
    'http://app3/',
  ],
});
const [first] = balancer.view();
accept<MemberSnapshot | undefined>(first);
accept<readonly string[]>(balancer.view().map(({ name }) => name));
balancer.view().find(({ name }) => name === 'app1');
balancer.view().find(({ name }) => name === 'http://app3/');
// @ts-expect-error: there is no app4
balancer.view().find(({ name }) => name === 'app4');
// @ts-expect-error: a view is to look at
balancer.view()[0]!.busy = 0;
// @ts-expect-error: no method of a balancer can be replaced
balancer.view = () => [];

// A balancer of whatever names is one; a balancer of these names is none of others.

accept<Balancer>(balancer);
accept<Balancer<'http://a/'>>(createBalancer({ members: ['http://a/'] }));
// @ts-expect-error: it has other names
accept<Balancer<'http://b/'>>(createBalancer({ members: ['http://a/'] }));

// Definitions may be written elsewhere.

const apart = { members: ['http://a/'], nofailover: true } as const satisfies BalancerDefinition;
accept<Balancer<'http://a/'>>(createBalancer(apart));
declare const anyDefinition: BalancerDefinition;
accept<Balancer>(createBalancer(anyDefinition));

// Wrong definitions do not compile.

// @ts-expect-error: it is stickysession
createBalancer({ members: ['http://a/'], stickysesion: 'SID' });
// @ts-expect-error: it is loadfactor
createBalancer({ members: [{ url: 'http://a/', loadFactor: 2 }] });
// @ts-expect-error: no member has the route app9
createBalancer({ members: [{ url: 'http://a/', route: 'app1', redirect: 'app9' }] });
// @ts-expect-error: the unit is missing
createBalancer({ members: ['http://a/'], timeout: '30' });
// @ts-expect-error: httpd's heartbeat is not there
createBalancer({ members: ['http://a/'], lbmethod: 'heartbeat' });
// @ts-expect-error: there are no members
createBalancer({});

// It fits where middleware does, and its upgrade where upgrades do.

accept<RequestHandler>(balancer);
const app = express();
app.use(balancer);
app.use('/app', balancer);
app.use(['/a', /^\/b/], balancer);
app.use('/both', balancer, balancer);
app.use('/part', balancer.at('/there'));
// @ts-expect-error: it is middleware, and nothing more
accept<Balancer>(balancer.at('/there'));
// @ts-expect-error: a path is a text
balancer.at(/there/);
app.all('/every', balancer);
Router().use('/app', balancer);
connect().use(balancer).use('/app', balancer);

const httpServer = createHttpServer((req, res) => {
  balancer(req, res, () => res.end());
});
httpServer.on('upgrade', balancer.upgrade);
const httpsServer = createHttpsServer({}, app);
httpsServer.on('upgrade', balancer.upgrade);
attachUpgrades(httpServer, app);
attachUpgrades(httpsServer, app);
attachUpgrades(httpServer, connect());
attachUpgrades(httpServer, (req: IncomingMessage, res: ServerResponse) => {
  res.end(req.url);
});
// @ts-expect-error: an app answers requests, a port does not
attachUpgrades(httpServer, 8080);

void accept<Promise<void>>(balancer.close());
void accept<Promise<void>>(balancer.close({ grace: 10 }));
// @ts-expect-error: it is grace
void balancer.close({ graceMs: 10_000 });

// req.balancer is typed wherever a request is.

export const readFacts = (req: IncomingMessage): BalancerFacts | undefined => req.balancer;
export const readFactsOfExpress = (req: Request): BalancerFacts | undefined => req.balancer;
export const readAttempts: RequestHandler = (req, _res, next) => {
  const attempts = req.balancer?.attempts ?? [];
  accept<readonly AttemptFacts[]>(attempts);
  // @ts-expect-error: there is no such outcome
  attempts.find(({ outcome }) => outcome === 'retried');
  // @ts-expect-error: facts are facts
  if (req.balancer) req.balancer.member = 'http://a/';
  // @ts-expect-error: it may not be there
  next(req.balancer.name);
};

// Errors have codes that can be told apart.

export const showError: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (!(error instanceof BalancerError)) {
    next(error);
    return;
  }
  accept<BalancerErrorCode>(error.code);
  if (error.code === 'ERR_BALANCER_NO_MEMBER') res.status(error.status).send(error.attempts.length);
  // @ts-expect-error: there is no such code
  if (error.code === 'ERR_BALANCER_NOBODY') res.end();
  accept<string | undefined>(error.member);
  accept<boolean>(error.expose);
};

export function listProblems(error: DefinitionError): readonly Problem[] {
  return error.problems;
}
