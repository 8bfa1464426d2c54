import { describe } from '../definition/describe.ts';
import type { MemberRequest } from './member-request.ts';
import { readCount } from './read-options.ts';
import {
  startMember,
  type MemberHandler,
  type TestMember,
  type TestMemberDefinition,
} from './test-member.ts';

/** `['app1', 'app2']` for 2. */
export type NamesFor<Count extends number, Names extends readonly string[] = []> = number extends Count
  ? readonly string[]
  : Names['length'] extends Count
    ? Names
    : Names['length'] extends 32
      ? readonly string[]
      : NamesFor<Count, readonly [...Names, `app${[...Names, '']['length']}`]>;

/** The members that a test has started: by name (`members.app1`), by place (`members[0]`), in a loop, and all at once. */
export type TestMembers<Names extends readonly string[] = readonly string[]> = Named<Names> &
  Readonly<{
    /** How many there are. */
    length: number;
    /** What goes into `members:` of a definition; the names are the routes. */
    definitions: { readonly [Place in keyof Names]: TestMemberDefinition<Names[Place]> };
    /** The requests of all, in the order in which they came. */
    requests: readonly MemberRequest[];
    /** All of them are well again. */
    recover(): Promise<void>;
    /** Forgets the requests of all so far. */
    forget(): void;
    /** Ends every server and connection. */
    close(): Promise<void>;
    /** As `close`: for `await using`. */
    [Symbol.asyncDispose](): Promise<void>;
    /** All members, in order. */
    [Symbol.iterator](): IterableIterator<TestMember<Names[number]>>;
  }>;

/** By name and by place, as far as the types know these. */
type Named<Names extends readonly string[]> = (string extends Names[number]
  ? unknown
  : { readonly [Name in Names[number]]: TestMember<Name> }) &
  (number extends Names['length']
    ? { readonly [place: number]: TestMember<Names[number]> }
    : { readonly [Place in keyof Names & `${number}`]: TestMember<Names[Place]> });

/** Those that are not closed. */
const running = new Set<TestMembers>();

/** Every group of members that is not closed. */
export function listRunning(): readonly TestMembers[] {
  return [...running];
}

const own = ['length', 'definitions', 'requests', 'recover', 'forget', 'close', 'then', '__proto__'];

/** Routes that sessions, cookies and URLs carry as they are. */
const nameForm = /^[A-Za-z_][\w-]*$/;

/**
 * Starts members for a test: real HTTP servers on ports of their own on 127.0.0.1. Each answers 200 with its name, in the body
 * and in `X-Member`, accepts WebSockets and sends back what comes by them, until it is told otherwise.
 *
 * A number (1 to 100; they are called `app1`, `app2` …), names, or names with what they answer: handlers of Node, an Express app.
 * `await using members = await startMembers(2)` closes them in the end; so does `close()`.
 */
export function startMembers<const Count extends number>(count: Count): Promise<TestMembers<NamesFor<Count>>>;
export function startMembers<const Names extends readonly [string, ...string[]]>(
  names: Names,
): Promise<TestMembers<Names>>;
export function startMembers<Handlers extends Readonly<Record<string, MemberHandler>>>(
  handlers: Handlers,
): Promise<TestMembers<readonly (keyof Handlers & string)[]>>;
export async function startMembers(
  wanted: number | readonly string[] | Readonly<Record<string, MemberHandler>>,
): Promise<TestMembers> {
  const entries = readWanted(wanted);
  const requests: MemberRequest[] = [];
  const note = (request: MemberRequest): void => {
    requests.push(request);
  };
  const started = await Promise.all(entries.map(([name, handler]) => startMember(name, handler, note)));
  const members = started.map(({ member }) => member);
  const close = async (): Promise<void> => {
    running.delete(all);
    await Promise.all(started.map((each) => each.close()));
  };
  const group = {
    length: members.length,
    definitions: members.map(({ definition }) => definition),
    requests,
    async recover() {
      await Promise.all(members.map((member) => member.recover()));
    },
    forget() {
      requests.length = 0;
      for (const member of members) member.forget();
    },
    close,
    [Symbol.asyncDispose]: close,
    [Symbol.iterator]: () => members.values(),
  };
  const all: TestMembers = Object.assign(
    group,
    Object.fromEntries(members.map((member) => [member.name, member])),
    Object.fromEntries(members.entries()),
  );
  running.add(all);
  return all;
}

type Entry = readonly [name: string, handler: MemberHandler | undefined];

function readWanted(wanted: unknown): readonly Entry[] {
  if (typeof wanted === 'number') {
    const count = readCount(wanted, 'startMembers');
    if (count > 100)
      throw new TypeError(`startMembers: ${count}: that is more than a test can need; write 100 at most`);
    return Array.from({ length: count }, (_, i) => [`app${i + 1}`, undefined]);
  }
  if (typeof wanted !== 'object' || wanted === null)
    throw new TypeError(
      `startMembers: ${describe(wanted)}: write how many, their names, or their names with handlers: { app1: (req, res) => … }`,
    );
  const entries: readonly Entry[] = Array.isArray(wanted)
    ? wanted.map((name: unknown) => [checkName(name), undefined])
    : Object.entries(wanted).map(([name, handler]) => [checkName(name), checkHandler(name, handler)]);
  if (entries.length === 0) throw new TypeError('startMembers: a balancer needs one member at least');
  const twice = entries.find(([name], i) => entries.findIndex(([other]) => other === name) !== i);
  if (twice) throw new TypeError(`startMembers: two members are called '${twice[0]}'`);
  return entries;
}

function checkName(name: unknown): string {
  if (typeof name !== 'string' || !nameForm.test(name))
    throw new TypeError(
      `startMembers: ${describe(name)}: a name consists of letters, digits, _ and -, with a letter first, such as 'app1'`,
    );
  if (own.includes(name))
    throw new TypeError(
      `startMembers: '${name}': that is what members of all kinds have; choose another name`,
    );
  return name;
}

function checkHandler(name: string, handler: unknown): MemberHandler {
  if (typeof handler === 'function') return handler as MemberHandler;
  throw new TypeError(`startMembers: ${name}: ${describe(handler)}: write a handler: (req, res) => …`);
}
