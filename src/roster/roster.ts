import { isDeepStrictEqual } from 'node:util';
import type { BalancerOptions } from '../definition/balancer-change.ts';
import { rebuildMember } from '../definition/build-member.ts';
import { buildSettings, type Place } from '../definition/build-settings.ts';
import { readDefinition } from '../definition/check-definition.ts';
import { configureDefinition } from '../definition/configure.ts';
import type { BalancerDefinition } from '../definition/definition.ts';
import type { MemberChange } from '../definition/member-change.ts';
import type { MemberDefinition } from '../definition/member-definition.ts';
import { keepChanges } from '../definition/keep-changes.ts';
import { readChange } from '../definition/read-change.ts';
import { readMember } from '../definition/read-member.ts';
import type { MemberSettings, Settings } from '../definition/settings.ts';
import { writeMember } from '../definition/write-member.ts';
import { diffMembers, identifyMember, sharesConnections } from './diff-members.ts';
import type { Events } from '../events.ts';
import type { ChangingSender } from '../forward/changing-sender.ts';
import type { MemberView } from '../member/member.ts';
import type { Members } from '../member/members.ts';
import { Status } from '../member/status.ts';
import { createDirectory } from './directory.ts';
import { refuseLast, refuseTold, refuseUnknown } from './refusals.ts';

/** What the roster is kept of, and who is told. */
export type RosterParts = Readonly<{
  place: Place;
  members: Members;
  sender: ChangingSender;
  events: Events;
  /** Other settings hold from now on: for requests to come. */
  publish(settings: Settings): void;
  /** Resolves when the member serves no request. */
  whenIdle(member: MemberView): Promise<void>;
}>;

/** What a roster is to be. */
export type NextRoster = Readonly<{
  /** Undefined: the options stay as they are. */
  definition: Omit<BalancerDefinition, 'members'> | undefined;
  /** By what makes two members one: their settings, and their flags but for what they have failed. */
  members: ReadonlyMap<string, Readonly<{ settings: MemberSettings; status: number }>>;
}>;

/** Who the members are, how requests are served, and how that changes while they run. */
export type Roster = Readonly<{
  find(name: string): MemberView;
  change(name: string, change: MemberChange): void;
  /** Returns its name. */
  add(member: string | MemberDefinition): string;
  /** Resolves when its last request has ended. */
  remove(name: string): Promise<void>;
  configure(options: BalancerOptions): void;
  update(definition: BalancerDefinition): void;
  /** Makes it what was found to fit, one step after the other. Resolves when each member that is gone has ended. */
  assume(next: NextRoster): Promise<unknown>;
  /** DNS has told who is behind a name. */
  found(template: MemberSettings, servers: readonly MemberSettings[]): void;
  /** The options as they hold now, as they were written; of the members, `definitionOf` tells. */
  definition(): Omit<BalancerDefinition, 'members'>;
  /** The members as the definition lists them, whoever has come and gone since: another list after each update. */
  listed(): unknown;
  /** What `add` would make the same member of, as it is now; also for one that stands for the servers behind a name. */
  definitionOf(name: string): MemberDefinition;
  /** Whether DNS has told of a member, and nobody has named it besides: then it cannot be removed. */
  isFromDns(name: string): boolean;
  /** Whether DNS has told of a member, named besides or not: removed, it would stay as a server of that name. */
  isTold(name: string): boolean;
  /** Whether DNS has not told yet who is behind a name: it may be asked still, or have failed. */
  isAwaitingDns(): boolean;
}>;

/** Keeps the list of members, and the options: nothing is changed by what is wrong. */
export function createRoster(first: BalancerDefinition, settings: Settings, parts: RosterParts): Roster {
  const { place, members, sender, events, publish, whenIdle } = parts;
  let definition = first;
  let current = settings;
  /** Those that stand for the servers behind a name. */
  let templates = settings.members.filter(isTemplate);
  let named = settings.members.filter((member) => !isTemplate(member));
  /** Whom DNS has told, by the URL of the member that stands for them. */
  const told = new Map<string, readonly MemberSettings[]>();
  /** Who serves, by what makes two members one, without what was changed since it was named or told. */
  let written: ReadonlyMap<string, MemberSettings> = listWanted();
  const directory = createDirectory(members.view);

  /** A server that is named besides is the one that is named. */
  function listWanted(): ReadonlyMap<string, MemberSettings> {
    const wanted = new Map(named.map((member) => [identifyMember(member), member]));
    for (const server of templates.flatMap(({ url }) => told.get(url) ?? [])) {
      const key = identifyMember(server);
      if (!wanted.has(key)) wanted.set(key, server);
    }
    return wanted;
  }

  function find(name: string): MemberView {
    const member = directory.find(name);
    if (!member) throw refuseUnknown(name, current.name, members.view());
    return member;
  }

  function isNamed(member: MemberSettings): boolean {
    // Without a template there is nobody else to tell of it.
    return told.size === 0 || named.includes(written.get(identifyMember(member))!);
  }

  /**
   * Makes those serve who are named and told now, by these settings. Tells when each that is gone has ended. `isSure`: what
   * was changed on those who stay fits, or is changed afterwards.
   */
  function follow(base: Settings, isSure = false): Promise<unknown> {
    const before = written;
    written = listWanted();
    const wanted = [...written.values()];
    const { kept, added, removed } = diffMembers([...before.values()], wanted);
    const serving = new Map(members.view().map((member) => [identifyMember(member.settings), member]));
    const changed = kept.flatMap(([was, is]) => {
      const member = serving.get(identifyMember(was));
      // What was changed on it may fit no more, though it is written as before.
      if (!member || (isSure && was === is)) return [];
      if (member.settings === was && isDeepStrictEqual(was, is)) return [];
      // What somebody has set since the definition was written outlasts one that says the same as before.
      const status = was.status === is.status ? undefined : is.status;
      return [
        {
          member,
          settings: keepChanges(member.settings, was, is, { members: wanted, compat: base.compat }),
          status,
        },
      ];
    });
    const leaving = removed.flatMap((member) => serving.get(identifyMember(member)) ?? []);
    // Before anybody else serves: who takes their place may want other connections.
    const retired = leaving.map((member) => sender.retire(member.settings));
    for (const each of changed) retireUnlessShared(each.member.settings, each.settings);
    return events.after(() => {
      members.revise({ changed, added, removed: leaving });
      if (added.length > 0 || leaving.length > 0) {
        events.emit('members', {
          added: added.map(({ name }) => name),
          removed: leaving.map((member) => member.settings.name),
        });
      }
      publishWith(base);
      return Promise.all([...leaving.map(whenIdle), ...retired]);
    });
  }

  function retireUnlessShared(before: MemberSettings, after: MemberSettings): void {
    if (!sharesConnections(before, after)) void sender.retire(before);
  }

  /** Settings hold for members that stand for others, and for those who serve. */
  function publishWith(base: Settings): void {
    const serving = members.view().map((member) => member.settings);
    current = Object.freeze({ ...base, members: Object.freeze([...templates, ...serving]) });
    publish(current);
  }

  return {
    find,
    change(name, change) {
      const member = find(name);
      const before = member.settings;
      const read = readChange(change, before, current.members, member.state.status, current.compat);
      // What is told of a change is told when it is whole; the same below.
      events.after(() => {
        if (read.status !== undefined) members.apply(member, { kind: 'set', status: read.status });
        if (read.settings !== before) members.revise({ changed: [{ member, settings: read.settings }] });
        retireUnlessShared(before, read.settings);
        publishWith(current);
      });
    },
    add(value) {
      const added = readMember(value, { definition, members: current.members });
      if (isTemplate(added)) templates = [...templates, added];
      else named = [...named, added];
      void follow(current);
      return added.name;
    },
    remove(name) {
      const template = templates.find((member) => member.name === name);
      const leaving = template ?? written.get(identifyMember(find(name).settings))!;
      if (!template && !isNamed(leaving)) throw refuseTold(name, current.name);
      if (templates.length + named.length === 1) throw refuseLast(name, current.name);
      templates = templates.filter((member) => member !== leaving);
      named = named.filter((member) => member !== leaving);
      if (template) told.delete(template.url);
      return follow(current).then(() => undefined);
    },
    configure(options) {
      const next = configureDefinition(options, { definition, members: current.members });
      if (next === definition) return;
      definition = next;
      // The members have their settings.
      const base = buildSettings({ ...next, members: [] }, place);
      events.after(() => {
        publishWith(base);
      });
    },
    update(value) {
      const next = readDefinition(value);
      const built = buildSettings(next, place);
      if (!isDeepStrictEqual(built.httpProxyMiddleware, current.httpProxyMiddleware)) {
        sender.change(built.httpProxyMiddleware);
      }
      definition = next;
      templates = built.members.filter(isTemplate);
      named = built.members.filter((member) => !isTemplate(member));
      const standing = new Set(templates.map(({ url }) => url));
      for (const url of told.keys()) if (!standing.has(url)) told.delete(url);
      void follow(built);
    },
    assume({ definition: next, members: wanted }) {
      const isWanted = (member: MemberSettings): boolean => wanted.has(identifyMember(member));
      const known = new Set(current.members.map(identifyMember));
      const added = [...wanted].flatMap(([key, { settings: each }]) => (known.has(key) ? [] : [each]));
      for (const template of templates) if (!isWanted(template)) told.delete(template.url);
      templates = [...templates.filter(isWanted), ...added.filter(isTemplate)];
      named = [...named.filter(isWanted), ...added.filter((member) => !isTemplate(member))];
      if (next) definition = { ...next, members: definition.members };
      const base = next ? buildSettings({ ...definition, members: [] }, place) : current;
      return events.after(() => {
        const ended = follow(base, true);
        const changed = members.view().flatMap((member) => reviseTo(member, wanted));
        for (const { member, settings: after } of changed) retireUnlessShared(member.settings, after);
        members.revise({ changed });
        publishWith(base);
        return ended;
      });
    },
    found(template, servers) {
      if (!templates.some(({ url }) => url === template.url)) return;
      told.set(template.url, servers);
      void follow(current);
    },
    definition: () =>
      // Who the members were at first tells nothing of now.
      Object.fromEntries(Object.entries(definition).filter(([name]) => name !== 'members')),
    listed: () => definition.members,
    definitionOf(name) {
      const template = templates.find((member) => member.name === name);
      if (template) return writeMember(template, template.status);
      const { settings: now, state } = find(name);
      return writeMember(now, state.status);
    },
    isFromDns: (name) => !templates.some((member) => member.name === name) && !isNamed(find(name).settings),
    isTold(name) {
      const member = directory.find(name);
      const identity = member && identifyMember(member.settings);
      return [...told.values()].some((servers) => servers.some((each) => identifyMember(each) === identity));
    },
    isAwaitingDns: () => templates.some(({ url }) => !told.has(url)),
  };
}

/** What makes a member the one that is wanted; nothing, where it is. */
function reviseTo(member: MemberView, wanted: NextRoster['members']) {
  const { settings: before, state } = member;
  const next = wanted.get(identifyMember(before));
  if (!next) return [];
  const { definition } = next.settings;
  const isSame = isDeepStrictEqual(before.definition, definition);
  const failures = Status.inError | Status.healthCheckFailed;
  const status = (state.status & ~failures) === next.status ? undefined : next.status;
  if (isSame && status === undefined) return [];
  return [{ member, settings: isSame ? before : rebuildMember(before, definition), status }];
}

function isTemplate({ resolve }: MemberSettings): boolean {
  return resolve !== undefined;
}
