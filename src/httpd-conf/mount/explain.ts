import type { IncomingMessage } from 'node:http';
import { quote } from '../../definition/describe.ts';
import type { Explanation } from '../../explain.ts';
import { BalancerError } from '../../errors.ts';
import { insideOf } from '../../inside.ts';
import type { AccessSection, HttpdMount, VirtualHost } from '../httpd-conf.ts';
import type { Place } from '../syntax/directive.ts';
import type { House } from './build-house.ts';
import type { Decision } from './decide.ts';
import { findSentPath } from './join-prefix.ts';
import type { HttpdExplanation } from './handler-options.ts';
import { placeBelow } from './place-below.ts';
import { find, type Finding } from './serve.ts';

const nothing = {
  host: undefined,
  mount: undefined,
  access: { isAllowed: true, section: undefined },
  balancer: undefined,
  target: undefined,
  explanation: undefined,
} as const;

/** Explains what would be done with a request now. Sends nothing, and leaves the request as it was. */
export function explainRequest(findSite: House['find'], req: IncomingMessage): HttpdExplanation {
  const finding = findSafely(findSite, req);
  switch (finding.kind) {
    case 'not-ours':
      return { ...nothing, text: 'It is left to the app: nothing that is mounted can be meant.' };
    case 'bad':
      return { ...nothing, text: `It is refused with 400: ${finding.problem}.` };
    case 'decided':
      return explainDecision(finding, req);
  }
}

/** A pattern may take too long over it: that is to be told, too. */
function findSafely(findSite: House['find'], req: IncomingMessage): Finding {
  try {
    return find(findSite, req);
  } catch (error) {
    if (!(error instanceof BalancerError)) throw error;
    return { kind: 'bad', problem: error.message };
  }
}

function explainDecision(
  finding: Extract<Finding, { kind: 'decided' }>,
  req: IncomingMessage,
): HttpdExplanation {
  const { decision, asked } = finding;
  const { host, access, rule } = decision;
  const section = access.guard?.section;
  const steps = [
    ...(host ? [`Host: ${nameHost(host)}${writtenAt(host.place)}.`] : []),
    ...decision.cookies.map((cookie) => `The answer gets Set-Cookie: ${cookie}.`),
    rule
      ? `Mount: ${nameMount(rule.mount)}${writtenAt(rule.mount.place)}, which ${quote(asked.path.raw)} fits.`
      : `Mount: none that ${quote(asked.path.raw)} fits.`,
    ...(section
      ? [
          `Access: ${access.isAllowed ? 'allowed' : 'denied'} by the section for ${nameSection(section)}${writtenAt(section.place)}.`,
        ]
      : []),
  ];
  const facts = {
    ...nothing,
    host,
    mount: rule?.mount,
    access: { isAllowed: access.isAllowed, section },
    balancer: rule?.balancer,
  };
  if (decision.kind === 'status')
    return { ...facts, text: tell([...steps, `It is refused with ${decision.status}.`]) };
  if (!access.isAllowed) return { ...facts, text: tell([...steps, 'It is refused with 403.']) };
  if (decision.kind === 'bad')
    return { ...facts, text: tell([...steps, `It is refused with 400: ${decision.problem}.`]) };
  if (decision.kind === 'manager') return { ...facts, text: tell([...steps, 'The manager answers it.']) };
  if (decision.kind === 'next') return { ...facts, text: tell([...steps, 'It is left to the app.']) };
  return { ...facts, ...explainMember(finding, decision, req, steps) };
}

function explainMember(
  { asked, outer }: Extract<Finding, { kind: 'decided' }>,
  { rule, join }: Extract<Decision, { kind: 'balancer' }>,
  req: IncomingMessage,
  steps: readonly string[],
): Pick<HttpdExplanation, 'target' | 'explanation' | 'text'> {
  const { end, mapping } = join;
  const restore = placeBelow(req, outer, asked, end);
  try {
    // A mount of a balancer has one.
    const works = insideOf(rule.balancer!);
    const explanation = works.explain(req, mapping);
    const target = findSentPath(asked.path.raw, join) + (mapping.query ?? asked.query);
    const { members, settings } = works.now().parts;
    const { name } = settings;
    return {
      target,
      explanation,
      text: tell([
        ...steps,
        `Asks a member of ${name} for ${quote(target)}, below its own path.`,
        ...tellLostRoute(explanation, (route) => members.hasRoute(route)),
        `Member: ${explanation.text}.`,
      ]),
    };
  } finally {
    restore();
  }
}

/** A session that comes with a route of nobody is one that the method chooses for. */
function tellLostRoute(
  { sticky, route }: Explanation,
  hasRoute: (route: string) => boolean,
): readonly string[] {
  if (sticky === undefined || route === undefined || hasRoute(route)) return [];
  return [`Session: route ${quote(route)} by ${sticky}, which no member has.`];
}

function tell(steps: readonly string[]): string {
  return steps.join('\n');
}

function nameHost({ serverName, serverAlias }: VirtualHost): string {
  return serverName ?? serverAlias[0] ?? 'one without a name';
}

function nameMount(mount: HttpdMount): string {
  const at = `${mount.negated ? 'not ' : ''}${nameAt(mount.at)}`;
  switch (mount.kind) {
    case 'balancer':
      return `${at} to ${quote(mount.to)}`;
    case 'next':
      return `${at}, not proxied`;
    case 'manager':
      return `${at}, the manager`;
    case 'status':
      return `${at}, answered with ${mount.status}`;
    case 'cookie':
      return `${at}, a cookie`;
  }
}

function nameSection({ at, url }: AccessSection): string {
  return [
    ...(at === undefined && url !== undefined ? [] : [nameAt(at)]),
    ...(url === undefined
      ? []
      : [`what is proxied to ${typeof url === 'string' ? quote(url) : String(url)}`]),
  ].join(', ');
}

function nameAt(at: string | RegExp | undefined): string {
  return at === undefined ? 'whatever is proxied' : typeof at === 'string' ? quote(at) : String(at);
}

/** Mounts that are written by hand have no place. */
function writtenAt(place: Place | undefined): string {
  return place ? ` (${place.file}:${place.line})` : '';
}
