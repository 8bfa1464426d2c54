import type { IncomingMessage } from 'node:http';
import type { VirtualHost } from '../httpd-conf.ts';
import type { Asked } from './asked.ts';
import { readAskedPath } from './asked-path.ts';
import { askAccess, type Access, type Sent } from './guard.ts';
import { findSentPath, type Join } from './join-prefix.ts';
import { readAddress } from './read-address.ts';
import { tryRule, type Hit, type Question, type Rule } from './rule.ts';
import type { Site } from './site.ts';

/** What is done with a request. */
export type Decision = Readonly<{
  host: VirtualHost | undefined;
  /** Set-Cookie values for the answer. */
  cookies: readonly string[];
  /** Whether it may come in, by the sections that it fits. */
  access: Access;
}> &
  (Mapped | Managed);

type Mapped = Readonly<
  | { kind: 'balancer'; rule: Rule; join: Join }
  | { kind: 'status'; rule: Rule; status: 403 | 410 }
  /** The app's later middleware may have it; `rule`: because that says so. */
  | { kind: 'next'; rule: Rule | undefined }
  | { kind: 'bad'; rule: Rule; problem: string }
>;

type Managed = Readonly<{ kind: 'manager'; rule: Rule; end: number }>;

/** Decides what is done with a request, in httpd's order: the paths are mapped, then access is asked for, then a handler serves. */
export function decide(site: Site, asked: Asked, req: IncomingMessage): Decision {
  const cookies: string[] = [];
  const question: Question = { asked, req, host: site.host };
  const mapped = tryRules(site.rules, question, cookies);
  const access = askAccess(
    site.guards,
    asked.path,
    () => findSent(mapped, asked),
    () => readAddress(req),
  );
  const served = mapped.kind === 'next' ? findManager(site.managers, question) : undefined;
  return { ...(served ?? mapped), host: site.host, cookies, access };
}

/** Where it is sent; undefined: to no balancer. */
function findSent(mapped: Mapped, { path }: Asked): Sent | undefined {
  switch (mapped.kind) {
    case 'balancer':
      return { url: mapped.rule.url, path: readAskedPath(findSentPath(path.raw, mapped.join)) };
    case 'bad':
      return { url: mapped.rule.url, path: undefined };
    case 'status':
    case 'next':
      return undefined;
  }
}

function tryRules(rules: readonly Rule[], question: Question, cookies: string[]): Mapped {
  for (const rule of rules) {
    const hit = tryRule(rule, question);
    if (hit === undefined) continue;
    const { mount } = rule;
    switch (mount.kind) {
      case 'cookie':
        // Every mount of a cookie has one.
        cookies.push(rule.cookie!(hit.fit.groups ?? [], hit.conditionGroups));
        break;
      case 'balancer':
        return join(rule, question.asked, hit);
      case 'status':
        return { kind: 'status', rule, status: mount.status };
      case 'next':
        return { kind: 'next', rule };
      // They are of the second phase.
      case 'manager':
        break;
    }
  }
  return { kind: 'next', rule: undefined };
}

function join(rule: Rule, asked: Asked, hit: Hit): Mapped {
  // Every mount of a balancer has one.
  const made = rule.join!(asked, hit);
  return 'problem' in made
    ? { kind: 'bad', rule, problem: made.problem }
    : { kind: 'balancer', rule, join: made };
}

function findManager(managers: readonly Rule[], question: Question): Managed | undefined {
  const { raw } = question.asked.path;
  for (const rule of managers) {
    const hit = tryRule(rule, question);
    if (hit === undefined) continue;
    // A pattern may end within a segment, and what is mounted begins with one.
    const slash = raw.indexOf('/', hit.fit.end);
    const whole = slash === -1 ? raw.length : slash;
    return { kind: 'manager', rule, end: raw[hit.fit.end - 1] === '/' ? hit.fit.end : whole };
  }
  return undefined;
}
