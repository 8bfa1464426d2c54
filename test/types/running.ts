import type { NextFunction, Request, RequestHandler, Response } from 'express';
import {
  createBalancer,
  type AddedName,
  type Balancer,
  type BalancerEvents,
  type BalancerListener,
  type BalancerOptions,
  type Drained,
  type MemberChange,
  type ServerMember,
} from '../../src/index.ts';

// Compiled, never run: what must compile, and after each `@ts-expect-error` what must not.

declare function accept<Type>(value: Type): Type;

const balancer = createBalancer({
  members: [{ url: 'http://app1/', route: 'app1' }, 'http://app2/'],
});
type Names = 'app1' | 'http://app1/' | 'http://app2/';

// A change has each of its forms.

balancer.change('app1', 'D');
balancer.change('app1', '+H-E');
balancer.change('http://app1/', 'drain');
balancer.change('http://app2/', '-hot-standby, +ignore-errors');
balancer.change('app1', { status: '-D', loadfactor: 2, hotSpare: true });
balancer.change('app1', { max: 5, acquire: '1s', timeout: '5s', hcmethod: 'GET11', hcexpect: /ready/ });
balancer.change('app1', {
  loadfactor: null,
  lbset: null,
  route: null,
  redirect: null,
  max: null,
  acquire: null,
  retry: null,
  retryMax: null,
  slowStart: null,
  timeout: null,
  hcmethod: null,
  hcuri: null,
  hcinterval: null,
  hcpasses: null,
  hcfails: null,
  hctimeout: null,
  hcheaders: null,
  hcexpect: null,
});
const form = { hcmethod: 'TCP', hcuri: null, hcexpect: null } as const satisfies MemberChange;
balancer.change('app1', form);
// @ts-expect-error: it is no change
balancer.change('app1', null);
// @ts-expect-error: nor is nothing
balancer.change('app1');
// @ts-expect-error: flags are set or not
balancer.change('app1', { drain: null });
// @ts-expect-error: a status is a text
balancer.change('app1', { status: null });
// @ts-expect-error: the unit is missing
balancer.change('app1', { acquire: '5' });
// @ts-expect-error: it needs connections of its own
balancer.change('app1', { connectiontimeout: 5 });
// @ts-expect-error: it is for update
balancer.change('app1', { lbmethod: 'random' });
// @ts-expect-error: it is for drain
balancer.change('app1', { drain: true, deadline: 30 });
// @ts-expect-error: it is hcmethod
balancer.change('app1', { health: 'GET' });

// Words and letters can be completed: they are not swallowed by the texts that are as good.

accept<Extract<MemberChange, 'drain'>>('drain');
accept<Extract<MemberChange, '-hot-spare'>>('-hot-spare');
accept<Extract<MemberChange, '+D'>>('+D');
accept<Extract<ServerMember['status'], 'enabled'>>('enabled');
// @ts-expect-error: nobody offers it
accept<Extract<MemberChange, 'draining'>>('draining');

// There are those members that are named, and those that were added.

// @ts-expect-error: there is no app3
balancer.change('app3', 'D');
// @ts-expect-error: nor is there one
void balancer.remove('app3');
// @ts-expect-error: nor here
void balancer.drain('app3');
// @ts-expect-error: a URL is written as the definition has it
balancer.change('http://app2', 'D');

const name = balancer.add('http://app3/');
accept<AddedName>(name);
accept<string>(name);
balancer.change(name, '+D');
void accept<Promise<Drained>>(balancer.drain(name));
void accept<Promise<void>>(balancer.remove(name));
balancer.add({ url: 'http://app4/', route: 'app4', loadfactor: 2, max: 5, acquire: 100 });
// @ts-expect-error: it is loadfactor
balancer.add({ url: 'http://app4/', weight: 2 });
// @ts-expect-error: nobody is added
balancer.add();
// @ts-expect-error: a member has a URL
balancer.add({ route: 'app4' });

declare const text: string;
// @ts-expect-error: a text may name nobody
balancer.change(text, 'D');
declare const any: Balancer;
any.change(text, 'D');

// A drain has options, and tells how it ended.

void balancer.drain('app1', { deadline: '5m', idle: 10 }).then(({ empty, busy }) => {
  accept<boolean>(empty);
  accept<number>(busy);
});
// @ts-expect-error: it is deadline
void balancer.drain('app1', { timeout: 5 });
// @ts-expect-error: the unit is missing
void balancer.drain('app1', { deadline: '5' });

// Options of the balancer are those of its definition, but for members and how they are connected to.

balancer.configure({});
balancer.configure({ lbmethod: 'byhash', hashKey: { header: 'x-user' }, hold: '5s', ejection: null });
const options = { stickysession: null, routeregex: null } as const satisfies BalancerOptions;
balancer.configure(options);
balancer.configure({ lbmethod: (members, req: Known) => members.find(({ name }) => name === req.user?.id) });
// @ts-expect-error: members come and go one by one
balancer.configure({ members: ['http://app3/'] });
// @ts-expect-error: it is for update
balancer.configure({ httpProxyMiddleware: {} });
// @ts-expect-error: it is for change
balancer.configure({ loadfactor: 2 });
// @ts-expect-error: it is lbmethod
balancer.configure({ lbMethod: 'random' });
// @ts-expect-error: there is no such method
balancer.configure({ lbmethod: 'rr' });
// @ts-expect-error: nothing is no change
balancer.configure();

// Another definition has names of its own.

const updated = balancer.update({ members: [{ url: 'http://b/', route: 'b' }] });
updated.change('b', 'drain');
// @ts-expect-error: it is not there any more
updated.change('app1', 'drain');
// @ts-expect-error: it is stickysession
balancer.update({ members: ['http://b/'], stickySession: 'SID' });

// Listeners know what they are told, and of whom.

const off = balancer.on('state', ({ member, from, to, cause }) => {
  accept<Names>(member);
  accept<string>(from + to);
  accept<boolean>(cause === 'checks-failed');
  // @ts-expect-error: there is no such cause
  accept<boolean>(cause === 'bored');
  // @ts-expect-error: there is no app3
  accept<boolean>(member === 'app3');
});
accept<() => void>(off);
balancer.on('attempt', ({ method, path, attempt }) => accept<string>(method + path + attempt.outcome));
balancer.on('failover', ({ from, to, outcome }) => accept<[Names, Names, string]>([from, to, outcome]));
balancer.on('ejection', ({ member, timeMs }) => accept<[Names, number]>([member, timeMs]));
balancer.on('queue', ({ what, reason, waiting, waitedMs }) =>
  accept<[string, string, number]>([what, reason, waiting + waitedMs]),
);
balancer.on('members', ({ added, removed }) => accept<readonly string[]>([...added, ...removed]));
// @ts-expect-error: there is no such event
balancer.on('change', () => undefined);
// A queue tells of nobody.
accept<BalancerEvents['queue'] extends Readonly<{ member: unknown }> ? never : true>(true);
// @ts-expect-error: a listener is a function
balancer.on('state', 'log');
const listener: BalancerListener<'state'> = ({ member }) => accept<string>(member);
balancer.on('state', listener);
balancer.off('state', listener);
// @ts-expect-error: it listens to another event
balancer.off('queue', listener);

// Functions typed for Express fit, with what an app adds to its requests.

type Known = Request & { user?: { id: string } };

createBalancer({
  members: ['http://a/'],
  lbmethod: (members, req: Known) => members.find(({ name }) => name === req.user?.id),
});
createBalancer({ members: ['http://a/'], lbmethod: 'byhash', hashKey: (req: Known) => req.user?.id });
balancer.add({
  handler: (req: Request, res: Response, next: NextFunction) => {
    if (req.secure) next();
    else res.sendStatus(503);
  },
});
export const explain: RequestHandler = (req, res) => {
  res.json(balancer.explain(req));
};
// @ts-expect-error: a key is a text or a number
createBalancer({ members: ['http://a/'], lbmethod: 'byhash', hashKey: (req: Known) => req.user });
