import { findNearest } from '../../definition/spelling.ts';
import { sourceOf } from '../translate/hc-expr.ts';
import type { HttpdMount } from '../httpd-conf.ts';
import { seeBalancer } from './balancers.ts';
import { deriveFrom, isCookiePathImplied, isReverseImplied, type Derived } from './derived.ts';
import {
  makeBag,
  mergeBags,
  type Bag,
  type BalancerDraft,
  type BalancerOptions,
  type LocationDraft,
  type Mapping,
  type MemberDraft,
  type ReverseRule,
  type Server,
  type ServerSettings,
  type Work,
} from './draft.ts';
import { findEffective, type Effective } from './effective.ts';
import { normalise } from './read-url.ts';

/** Where requests are sent. */
export type Destination = Readonly<{
  /** The same for the same balancer. */
  id: string;
  name: string;
  /** The balancer of httpd; undefined for a server by itself. */
  draft: BalancerDraft | undefined;
  members: readonly MemberDraft[];
  /** The URLs of its members as they are compared. */
  bases: ReadonlySet<string>;
  options: Bag<BalancerOptions>;
}>;

/** The rules that map back. */
export type Rules = Pick<Effective, 'reverses' | 'cookieDomains' | 'cookiePaths'>;

/** A mount whose definition is still to be made. */
export type Plan = Readonly<{
  mapping: Mapping;
  /** Undefined: not proxied. */
  destination: Destination | undefined;
  settings: Bag<BalancerOptions>;
  server: ServerSettings;
  rules: Rules;
  derived: Derived;
  /** Whose directives hold: a host may inherit the mapping. */
  seenFrom: Server;
  /** What plans of one server and balancer with the same directives have in common. */
  key: string;
  more: Partial<Pick<HttpdMount, 'negated' | 'conditions'>> &
    Readonly<{ query?: 'keep' | 'append' | 'drop' }>;
  used: Effective['scopes'];
}>;

/** Plans the mount of a mapping; undefined where it leads nowhere, which has been told. */
export function planMount(
  mapping: Mapping,
  {
    server,
    seenFrom,
    own,
    outer,
    work,
    more,
  }: Readonly<{
    /** Whose mapping it is: its balancers are looked up there. */
    server: Server;
    seenFrom: Server;
    own?: LocationDraft | undefined;
    /** The mapping that this one is a part of. */
    outer?: Mapping;
    work: Work;
    more?: Plan['more'];
  }>,
): Plan | undefined {
  const destination = findDestination(mapping, server, work);
  if (destination === undefined && leadsOn(mapping)) return undefined;
  const { settings, server: ofServer, scopes, ...rules } = findEffective(mapping, seenFrom, own);
  const derived = deriveFrom(mapping);
  const outside = outer && destination ? keepOuter(outer, destination) : [];
  const all: Rules = {
    ...rules,
    reverses: [
      ...rules.reverses,
      ...outside.filter(({ base }) => !rules.reverses.some((rule) => rule.base === base)),
    ],
  };
  const isExact = work.options.compat !== undefined || destination === undefined;
  const ofServers = new Set(
    [seenFrom, ...(seenFrom.main ? [seenFrom.main] : [])].flatMap(({ reverses, cookiePaths }) => [
      ...reverses,
      ...cookiePaths,
    ]),
  );
  // What a section says of its own mount alone need not be said.
  const left = isExact ? all : leaveImplied(all, [derived], destination, ofServers);
  const ofSections = Object.values(left).flatMap((list) =>
    list.filter((rule) => !ofServers.has(rule)).map(writeRule),
  );
  const key = [destination?.id, seenFrom.id, write(settings.options), write(ofServer), ...ofSections].join(
    '\n',
  );
  return {
    mapping,
    destination,
    settings,
    server: ofServer,
    rules: left,
    derived,
    seenFrom,
    key,
    more: more ?? {},
    used: scopes,
  };
}

/** The rules that some of the mounts of one balancer need. `kept`: those that are not looked at. */
export function leaveImplied(
  { reverses, cookieDomains, cookiePaths }: Rules,
  derived: readonly Derived[],
  known: Destination,
  kept: ReadonlySet<ReverseRule> = new Set(),
): Rules {
  const isNeeded = (rule: ReverseRule, isImplied: typeof isReverseImplied): boolean =>
    kept.has(rule) || !derived.every((each) => isImplied(rule, each, known));
  // A table stands in for what is derived, so that it is all of them or none.
  const isTable = cookiePaths.some((rule) => isNeeded(rule, isCookiePathImplied));
  return {
    reverses: reverses.filter((rule) => isNeeded(rule, isReverseImplied)),
    cookieDomains,
    cookiePaths: isTable ? cookiePaths : [],
  };
}

/** A rule as a text. */
export function writeRule({ internal, external }: ReverseRule): string {
  return JSON.stringify([internal, external]);
}

/** Options as a text that is the same for the same options. */
export function write(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => {
    if (each instanceof RegExp) return String(each);
    return typeof each === 'function' ? sourceOf(each) : each;
  });
}

function leadsOn({ target: { kind } }: Mapping): boolean {
  return kind !== 'next' && kind !== 'done';
}

function findDestination({ target, source }: Mapping, server: Server, work: Work): Destination | undefined {
  switch (target.kind) {
    case 'next':
    case 'done':
      return undefined;
    case 'refused':
      return {
        id: `refused ${target.name}`,
        name: target.name,
        draft: undefined,
        members: [],
        bases: new Set(),
        options: makeBag(),
      };
    case 'server': {
      const parameters = findWorkers(server, `${target.url}${target.to}`);
      const bag = mergeBags(...parameters, target.parameters);
      const member: MemberDraft = { ...bag, url: target.url, base: normalise(target.url), source };
      const name = target.url.replace(/^(unix:[^|]*\|)?[a-z]+:\/\//i, '');
      return {
        id: `server ${target.url} ${write(bag.options)}`,
        name,
        draft: undefined,
        members: [member],
        bases: new Set([member.base]),
        options: makeBag(),
      };
    }
    case 'balancer':
      return findBalancerOf(target.name, source, server, work);
  }
}

function findBalancerOf(
  name: string,
  source: Mapping['source'],
  server: Server,
  work: Work,
): Destination | undefined {
  const key = `${server.id} ${name}`;
  const known = work.destinations.get(key);
  if (known) return known;
  const draft = seeBalancer(server, name);
  if (draft?.isDefined !== true) {
    const known = [server, ...(server.main && server.inherits.balancers ? [server.main] : [])].flatMap(
      ({ balancers }) =>
        [...balancers.values()].filter(({ isDefined }) => isDefined).map((each) => each.name),
    );
    const nearest = findNearest(name, known);
    work.ledger.fail(
      source.at,
      `there is no balancer ${name} here: httpd would answer each request with 503`,
      nearest === undefined
        ? `write <Proxy balancer://${name}> with a BalancerMember`
        : `write balancer://${nearest}`,
    );
    return undefined;
  }
  const owner = server.main !== undefined && draft === server.main.balancers.get(name) ? server.main : server;
  // What a host puts upon a balancer of the main server is a draft of its own each time it is asked for.
  const bases = new Set(draft.members.map(({ base }) => base));
  const made = {
    id: `balancer ${owner.id} ${name}`,
    name,
    draft,
    members: draft.members,
    bases,
    options: draft,
  };
  work.destinations.set(key, made);
  return made;
}

/** Parameters that sections and ProxySets give to servers by themselves, in their order. */
function findWorkers({ workers, main }: Server, url: string): readonly Server['workers'][number][] {
  const base = normalise(url);
  return [...(main?.workers ?? []), ...workers].filter((worker) => base.startsWith(worker.base));
}

/** What is mapped back for the whole is mapped back for a part of it too. */
function keepOuter(outer: Mapping, { draft, members }: Destination): readonly ReverseRule[] {
  const { path, memberPath } = deriveFrom(outer);
  const external = path === '' ? '/' : path;
  const { source } = outer;
  const roots = draft ? [`balancer://${draft.name}`] : members.map(({ base }) => base);
  return roots.map((root) => {
    const internal = `${root}${memberPath}`;
    return { internal: internal === root ? `${root}/` : internal, external, base: internal, source };
  });
}
