import type { IncomingMessage, ServerResponse } from 'node:http';
import { BalancerError } from '../../errors.ts';
import type { Next } from '../../handle-request.ts';
import { insideOf } from '../../inside.ts';
import { readMountPath } from '../../request/mount-path.ts';
import { readAsked, type Asked } from './asked.ts';
import type { House } from './build-house.ts';
import { decide, type Decision } from './decide.ts';
import { readComing } from './host.ts';
import { mayBeMeant } from './may-be-meant.ts';
import { placeBelow } from './place-below.ts';
import { HttpdRefusal } from './refusal.ts';

/** What is found out about a request, before anything is done with it. */
export type Finding =
  | Readonly<{ kind: 'decided'; asked: Asked; outer: string; decision: Decision }>
  | Readonly<{ kind: 'not-ours' }>
  | Readonly<{ kind: 'bad'; problem: string }>;

/** Serves one request: finds its host and its mount, and hands it on. */
export function serve(house: House, req: IncomingMessage, res: ServerResponse, next: Next): void {
  let finding: Finding;
  try {
    finding = find(house.find, req);
  } catch (error) {
    next(error);
    return;
  }
  if (finding.kind === 'not-ours') next();
  else if (finding.kind === 'bad') next(refuse(finding.problem));
  else handOn(house, finding, req, res, next);
}

/** Finds out what a request is about, and what is done with it. */
export function find(findSite: House['find'], req: IncomingMessage): Finding {
  const reading = readAsked(req);
  if (reading.kind === 'not-ours') return reading;
  const site = findSite(readComing(req));
  if (reading.kind === 'problem') {
    const { problem, path } = reading;
    return mayBeMeant(site, path) ? { kind: 'bad', problem } : { kind: 'not-ours' };
  }
  const { asked } = reading;
  const outer = readMountPath(req);
  if (outer === undefined)
    return { kind: 'bad', problem: 'the path that the configuration is mounted at is ambiguous' };
  return { kind: 'decided', asked, outer, decision: decide(site, asked, req) };
}

function handOn(
  { manager }: House,
  { asked, outer, decision }: Extract<Finding, { kind: 'decided' }>,
  req: IncomingMessage,
  res: ServerResponse,
  next: Next,
): void {
  const { access } = decision;
  if (!res.headersSent) for (const cookie of decision.cookies) res.appendHeader('Set-Cookie', cookie);
  // httpd maps the path before it asks who may have it.
  if (decision.kind === 'status') {
    const code = decision.status === 410 ? 'ERR_HTTPD_CONF_GONE' : 'ERR_HTTPD_CONF_FORBIDDEN';
    next(new HttpdRefusal(code, decision.rule.mount.place));
    return;
  }
  if (!access.isAllowed) {
    next(new HttpdRefusal('ERR_HTTPD_CONF_FORBIDDEN', access.guard?.section.place));
    return;
  }
  switch (decision.kind) {
    case 'next':
      next();
      return;
    case 'bad':
      next(refuse(decision.problem));
      return;
    case 'balancer': {
      const { end, mapping } = decision.join;
      const back = goBelow(req, outer, asked, end, next);
      // A mount of a balancer has one.
      insideOf(decision.rule.balancer!).handle(req, res, back, mapping);
      return;
    }
    case 'manager':
      // There is one wherever it is mounted.
      manager!(req, res, goBelow(req, outer, asked, decision.end, next));
  }
}

/** Moves the request below its mount; what is returned moves it back and calls `next`. */
function goBelow(req: IncomingMessage, outer: string, asked: Asked, end: number, next: Next): Next {
  const restore = placeBelow(req, outer, asked, end);
  return (error) => {
    restore();
    next(error);
  };
}

function refuse(problem: string): BalancerError {
  return new BalancerError('ERR_BALANCER_BAD_REQUEST', { detail: problem });
}
