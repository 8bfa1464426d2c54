import { isDeepStrictEqual } from 'node:util';
import { buildSettings, type Place } from '../definition/build-settings.ts';
import { readDefinition } from '../definition/check-definition.ts';
import type { BalancerDefinition } from '../definition/definition.ts';
import type { MemberChange } from '../definition/member-change.ts';
import type { MemberDefinition } from '../definition/member-definition.ts';
import { DefinitionError, stateProblem } from '../definition/problem.ts';
import { keepChanges } from '../definition/keep-changes.ts';
import { readChange } from '../definition/read-change.ts';
import { readMember } from '../definition/read-member.ts';
import type { MemberSettings, Settings } from '../definition/settings.ts';
import { diffMembers, identifyMember, sharesConnections } from './diff-members.ts';
import type { Events } from '../events.ts';
import type { ChangingSender } from '../forward/changing-sender.ts';
import type { MemberView } from '../member/member.ts';
import type { Members } from '../member/members.ts';
import { Status } from '../member/status.ts';

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

/** Who the members are, and how that changes while requests run. */
export type Roster = Readonly<{
  find(name: string): MemberView;
  change(name: string, change: MemberChange): void;
  /** Returns its name. */
  add(member: string | MemberDefinition): string;
  /** Resolves when its last request has ended. */
  remove(name: string): Promise<void>;
  update(definition: BalancerDefinition): void;
  /** DNS has told who is behind a name. */
  found(template: MemberSettings, servers: readonly MemberSettings[]): void;
}>;

/** Keeps the list of members: nothing is changed by what is wrong. */
export function createRoster(first: BalancerDefinition, settings: Settings, parts: RosterParts): Roster {
  const { place, members, sender, events, publish, whenIdle } = parts;
  let definition = first;
  let current = settings;
  /** Those that stand for the servers behind a name. */
  let templates = settings.members.filter(isTemplate);
  let named = settings.members.filter((member) => !isTemplate(member));
  /** Whom DNS has told, by the URL of the member that stands for them. */
  const told = new Map<string, readonly MemberSettings[]>();
  /** Who serves, by URL, without what was changed since it was named or told. */
  let written: ReadonlyMap<string, MemberSettings> = listWanted();

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
    const list = members.view();
    const member =
      list.find(({ settings }) => settings.name === name) ??
      // As the definition writes it, or as views show it.
      list.find(({ settings: { url, definition: written } }) => url === name || written.url === name);
    if (!member) throw unknownMember(name, current);
    return member;
  }

  function leave(member: MemberView): Promise<void> {
    members.remove(member);
    // At once: who takes its place may want other connections.
    const retired = sender.retire(member.settings);
    return whenIdle(member).then(() => retired);
  }

  function configure(member: MemberView, before: MemberSettings, after: MemberSettings): void {
    const now = member.settings;
    const next = keepChanges(now, before, after, [...written.values()]);
    members.configure(member, next);
    if (!sharesConnections(now, next)) void sender.retire(now);
    // What somebody has set since the definition was written outlasts one that says the same as before.
    if (before.status === after.status) return;
    const kept = member.state.status & (Status.inError | Status.healthCheckFailed);
    members.apply(member, { kind: 'set', status: after.status | kept });
  }

  /** Makes those serve who are named and told now, by these settings. Tells when each that is gone has ended. */
  function follow(base: Settings): Promise<unknown> {
    const before = written;
    written = listWanted();
    const { kept, added, removed } = diffMembers([...before.values()], [...written.values()]);
    const serving = new Map(members.view().map((member) => [identifyMember(member.settings), member]));
    for (const [was, is] of kept) {
      const member = serving.get(identifyMember(was));
      if (!member) continue;
      // What was changed on it may fit no more, though it is written as before.
      if (member.settings !== was || !isDeepStrictEqual(was, is)) configure(member, was, is);
    }
    const leaving = removed.flatMap((member) => serving.get(identifyMember(member)) ?? []);
    const left = leaving.map(leave);
    for (const each of added) members.add(each);
    if (added.length > 0 || leaving.length > 0) {
      events.emit('members', {
        added: added.map(({ name }) => name),
        removed: leaving.map((member) => member.settings.name),
      });
    }
    publishWith(base);
    return Promise.all(left);
  }

  /** Settings hold for members that stand for others, and for those who serve. */
  function publishWith(base: Settings): void {
    const serving = members.view().map((member) => member.settings);
    current = Object.freeze({ ...base, members: Object.freeze([...templates, ...serving]) });
    publish(current);
  }

  const roster: Roster = {
    find,
    change(name, change) {
      const member = find(name);
      const read = readChange(change, member.settings, current.members, member.state.status);
      if (read.status !== undefined) members.apply(member, { kind: 'set', status: read.status });
      const before = member.settings;
      if (read.settings !== before) members.configure(member, read.settings);
      if (!sharesConnections(before, read.settings)) void sender.retire(before);
      publishWith(current);
    },
    add(value) {
      const added = readMember(value, { definition, members: current.members });
      if (isTemplate(added)) templates = [...templates, added];
      else named = [...named, added];
      void follow(current);
      return added.name;
    },
    async remove(name) {
      const isOther = (member: MemberSettings): boolean => member.name !== name;
      const template = templates.find((member) => !isOther(member));
      const key = template ? undefined : identifyMember(find(name).settings);
      const isNamed = named.some((member) => identifyMember(member) === key);
      if (!template && !isNamed) throw toldMember(name, current);
      if (templates.length + named.length === 1) throw lastMember(name, current);
      templates = templates.filter(isOther);
      named = named.filter((member) => identifyMember(member) !== key);
      if (template) told.delete(template.url);
      await events.after(() => follow(current));
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
    found(template, servers) {
      if (!templates.some(({ url }) => url === template.url)) return;
      told.set(template.url, servers);
      void follow(current);
    },
  };
  // What is told of a change is told when it is whole.
  return {
    ...roster,
    change(name, change) {
      events.after(() => {
        roster.change(name, change);
      });
    },
    add: (member) => events.after(() => roster.add(member)),
    update(next) {
      events.after(() => {
        roster.update(next);
      });
    },
    found(template, servers) {
      events.after(() => {
        roster.found(template, servers);
      });
    },
  };
}

function isTemplate({ resolve }: MemberSettings): boolean {
  return resolve !== undefined;
}

function unknownMember(name: unknown, { name: balancer, members }: Settings): DefinitionError {
  // One that stands for the servers behind a name is none itself.
  const names = members.flatMap((member) => (isTemplate(member) ? [] : `'${member.name}'`)).join(', ');
  const fault = { problem: 'there is no member of this name', advice: `write one of ${names}` };
  return new DefinitionError([stateProblem('member', name, fault)], `The change of balancer '${balancer}'`);
}

function toldMember(name: string, { name: balancer }: Settings): DefinitionError {
  const fault = { problem: 'DNS tells it, and would tell it again', advice: 'disable it' };
  return new DefinitionError([stateProblem('member', name, fault)], `The change of balancer '${balancer}'`);
}

function lastMember(name: string, { name: balancer }: Settings): DefinitionError {
  const fault = { problem: 'a balancer needs a member', advice: 'add another one first, or disable it' };
  return new DefinitionError([stateProblem('member', name, fault)], `The change of balancer '${balancer}'`);
}
