import { createServer } from 'node:http';
import auth from 'basic-auth';
import connect from 'connect';
import express, { type ErrorRequestHandler, type Request, type RequestHandler, type Response } from 'express';
import { createBalancer, type Balancer } from '../../src/index.ts';
import {
  createManager,
  ManagerError,
  type Admission,
  type Authorize,
  type Change,
  type Manager,
  type ManagerErrorCode,
  type ManagerOptions,
} from '../../src/manager/index.ts';

// Compiled, never run: what must compile, and after each `@ts-expect-error` what must not.

declare function accept<Type>(value: Type): Type;

/** As express-session and the app have it. */
type WithSession = Request & { session: { user?: { name: string; isOperator: boolean } } };

const shop = createBalancer({ members: [{ url: 'http://app1/', route: 'app1' }] });
const forum = createBalancer({ members: ['http://forum/'] });

// Who may come in must be said.

// @ts-expect-error: authorize is missing
createManager({});
// @ts-expect-error: nobody has been named
createManager({ authorize: true });
// @ts-expect-error: it is loopback-only
createManager({ authorize: 'localhost' });
createManager({ authorize: 'loopback-only' });

// As the app knows its users.

createManager({ authorize: (req: WithSession) => req.session.user?.isOperator && req.session.user.name });
createManager({
  authorize: (_req: Request, res: Response) => (res.locals['user'] as string | undefined) ?? false,
});
createManager({
  authorize: (req) => {
    const given = auth(req);
    return given?.pass === 'a password' ? given.name : { challenge: 'Basic realm="balancers"' };
  },
});
createManager({ authorize: (req) => Promise.resolve({ user: 'ann', readOnly: req.method === 'GET' }) });
createManager({
  authorize(_req, res) {
    res.writeHead(302, { Location: '/login' }).end();
    return undefined;
  },
});
// @ts-expect-error: a user is a text
createManager({ authorize: () => ({ user: 1 }) });
// @ts-expect-error: either a user or a challenge
createManager({ authorize: () => ({ challenge: true }) });
// @ts-expect-error: a number is nobody
createManager({ authorize: () => 1 });
accept<Authorize>(() => null);
accept<Admission>({ user: 'ann' });

// Balancers of whatever names.

createManager({ authorize: 'loopback-only', balancers: [shop, forum] });
accept<readonly Balancer[]>([shop, forum]);
// @ts-expect-error: it is a list
createManager({ authorize: 'loopback-only', balancers: shop });
// @ts-expect-error: an app is no balancer
createManager({ authorize: 'loopback-only', balancers: [express()] });

// The other options.

const options: ManagerOptions = {
  authorize: 'loopback-only',
  allowMembers: ['*.internal'],
  hosts: ['localhost:3000'],
  onChange(change, inForce) {
    accept<Change>(change);
    accept<readonly Change[]>(inForce);
    // @ts-expect-error: a change is a fact
    change.by = 'nobody';
  },
  initialChanges: JSON.parse('[]'),
  secret: 'sixteen characters',
  title: 'Balancers',
  logger: false,
};
createManager({ authorize: 'loopback-only', allowMembers: (url) => url.protocol === 'https:' });
// @ts-expect-error: it is title
createManager({ ...options, titel: 'Balancers' });

// It fits where middleware does.

const manager = createManager(options);
accept<Manager>(manager);
accept<RequestHandler>(manager);
const app = express();
app.use('/balancer-manager', manager);
connect().use('/balancer-manager', manager);
createServer((req, res) => {
  manager(req, res, () => res.end());
});
accept<readonly Change[]>(manager.changes());
manager.close();
// @ts-expect-error: no method of a manager can be replaced
manager.changes = () => [];

// Its errors can be told apart.

export const showError: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (!(error instanceof ManagerError)) {
    next(error);
    return;
  }
  accept<ManagerErrorCode>(error.code);
  // @ts-expect-error: there is no such code
  if (error.code === 'ERR_MANAGER_NOBODY') res.end();
  if (error.code === 'ERR_MANAGER_CLOSED') res.sendStatus(error.status);
};
