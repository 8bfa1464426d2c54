import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { hostname } from 'node:os';
import type { Duplex } from 'node:stream';
import { leaveAside, noteUpgradeProtocols } from './attach-upgrades.ts';
import { checkNode } from './check-node.ts';
import type { BalancerOptions } from './definition/balancer-change.ts';
import { quote } from './definition/describe.ts';
import { buildSettings } from './definition/build-settings.ts';
import { readDefinition } from './definition/check-definition.ts';
import type { BalancerDefinition, Duration } from './definition/definition.ts';
import { readTimes } from './definition/read-times.ts';
import type { MemberChange } from './definition/member-change.ts';
import type { MemberDefinition } from './definition/member-definition.ts';
import { DefinitionError, stateProblem } from './definition/problem.ts';
import type { Roster } from './roster/roster.ts';
import { drainMember, readDrainOptions, type Drained, type DrainOptions } from './roster/drain.ts';
import { BalancerError } from './errors.ts';
import type { BalancerEventName, BalancerListener } from './events.ts';
import type { Explanation } from './explain.ts';
import type { BalancerFacts } from './facts.ts';
import type { Next } from './handle-request.ts';
import { showInside } from './inside.ts';
import { listBalancer, noteClosed } from './live-balancers.ts';
import { viewMembers, type MemberSnapshot } from './member/snapshot.ts';
import { mapBelow } from './request/map-below.ts';
import { startWorks } from './works.ts';
import { answerAlone, respondToUpgrade } from './upgrade-request.ts';
import { noteCreation } from './warnings/creations.ts';

/** What `close` is asked for. */
export type CloseOptions = Readonly<{
  /**
   * How long requests and upgraded connections in flight may go on, in seconds; `Infinity`: until they end. WebSockets are
   * told to go (1001), spread over three quarters of it, or over a minute. Default: 0.
   */
  grace?: Duration;
}>;

declare const added: unique symbol;

/** The name of a member that was added while the balancer ran. */
export type AddedName = string & {
  /** There for the compiler alone: nothing else passes for such a name. */
  readonly [added]: true;
};

/** Middleware for Express and Connect that proxies to its members, and what else it can do. `Name`: the members' names. */
export type Balancer<Name extends string = string> = ((
  req: IncomingMessage,
  res: ServerResponse,
  next: Next,
) => void) &
  BalancerMethods<Name>;

/** What a balancer can do besides proxying. */
export type BalancerMethods<Name extends string = string> = Readonly<{
  /** Serves upgrades of a server without an app: `server.on('upgrade', balancer.upgrade)`. No middleware, no mount path. */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void;
  /**
   * The same balancer for another part of its members: middleware that asks for `path` below their own paths, and maps
   * redirects and cookies back from there. Members, sessions and events are the balancer's.
   *
   * ```ts
   * app.use('/shop', balancer.at('/store')); // /shop/cart -> http://app1/store/cart
   * ```
   *
   * @throws {DefinitionError} when `path` is none: it begins with `/` and has no query and no dot segments.
   */
  at(path: string): (req: IncomingMessage, res: ServerResponse, next: Next) => void;
  /** The members as they are now. */
  view(): readonly MemberSnapshot<Name>[];
  /** Who would get a request now, and why each other member would not. Sends nothing, changes nothing. */
  explain(req: IncomingMessage): Explanation<Name>;
  /**
   * Changes a member: status letters or words (`'+D'`, `'-drain'`), or parameters and flags. Connections, counters and
   * sessions stay.
   *
   * @throws {DefinitionError} when there is no such member, or the change is wrong; then nothing of it holds.
   */
  change(member: Name | AddedName, change: MemberChange): void;
  /**
   * Adds a member, and returns its name.
   *
   * @throws {DefinitionError} when anything is wrong with it, by itself or beside the others.
   */
  add(member: string | MemberDefinition): AddedName;
  /**
   * Takes a member out: nobody is sent to it any more, what it serves goes on. Resolves when its last request has ended.
   *
   * @throws {DefinitionError} by rejection, when there is no such member, or when it is the last one.
   */
  remove(member: Name | AddedName): Promise<void>;
  /**
   * Lets a member run empty (httpd `+N`): sessions stay, new ones go elsewhere. Resolves when it serves nothing.
   *
   * @throws {DefinitionError} by rejection, when there is no such member.
   */
  drain(member: Name | AddedName, options?: DrainOptions): Promise<Drained>;
  /**
   * Changes options of the balancer; `null` is an option's default. Members stay as they are, whoever was added, removed or
   * changed since, and requests in flight go on by what held when they came. `update` replaces it all.
   *
   * @throws {DefinitionError} with everything that is wrong with it; then nothing of it holds.
   */
  configure(options: BalancerOptions): void;
  /**
   * Applies another definition: members of the same URL keep their state, counters, sessions and requests, and what was
   * changed on them where the definition says no other than before. Options that it leaves out are back at their defaults.
   * Returns this balancer, under the new names.
   *
   * @throws {DefinitionError} with everything that is wrong with it; then nothing of it holds.
   */
  update<const Route extends string = never, const Url extends string = never>(
    definition: BalancerDefinition<Route, Url>,
  ): Balancer<Route | Url>;
  /** Listens to an event; see `BalancerEvents`. Returns how to call it off. */
  on<Event extends BalancerEventName>(event: Event, listener: BalancerListener<Event, Name>): () => void;
  /** Calls off a listener; does nothing where it does not listen. */
  off<Event extends BalancerEventName>(event: Event, listener: BalancerListener<Event, Name>): void;
  /** Refuses new requests, lets those in flight end for up to `grace`, then ends them. Resolves when nothing is left running. */
  close(options?: CloseOptions): Promise<void>;
}>;

declare module 'node:http' {
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- only an interface can be added to
  interface IncomingMessage {
    /** What the balancer did with this request: what httpd's BALANCER_* variables tell. */
    balancer?: BalancerFacts;
  }
}

/**
 * Creates a balancer from its definition.
 *
 * @throws {DefinitionError} when the definition is wrong, with everything that is wrong with it.
 */
export function createBalancer<const Route extends string = never, const Url extends string = never>(
  definition: BalancerDefinition<Route, Url>,
): Balancer<Route | Url> {
  checkNode(process.versions.node);
  // Two balancers of one name on one machine may stand in a row, and that is no loop.
  const place = { hostname: hostname(), instance: randomBytes(3).toString('hex') };
  const checked = readDefinition(definition);
  const settings = buildSettings(checked, place);
  const works = startWorks(checked, settings, place);
  const { roster, events, isClosed } = works;
  noteUpgradeProtocols(settings.upgrade);

  // Named, so that it has a name in the app's stack traces.
  function proxyBalancer(req: IncomingMessage, res: ServerResponse, next: Next): void {
    works.handle(req, res, next);
  }

  function refuseIfClosed(): void {
    if (isClosed())
      throw new BalancerError('ERR_BALANCER_CLOSED', { balancer: works.now().parts.settings.name });
  }

  /** What the program says here holds in every process that shares the state. */
  function steering(): Pick<Roster, 'change' | 'add' | 'remove' | 'configure'> {
    return works.membership()?.changes ?? roster;
  }

  /** Other processes know by its state and its name which balancer it is. */
  function refuseMove({ state, name }: BalancerDefinition): void {
    if (state !== undefined && state !== checked.state) {
      const problem = 'a balancer keeps the state that it was created with';
      const advice = 'leave it out, or create another balancer';
      throw new DefinitionError([stateProblem('state', state, { problem, advice })]);
    }
    if (checked.state && name !== checked.name && name !== settings.name) {
      const problem = 'a balancer that shares its state keeps the name that it was created with';
      const advice = `write ${quote(settings.name)}, or create another balancer`;
      throw new DefinitionError([stateProblem('name', name, { problem, advice })]);
    }
  }

  const methods: BalancerMethods = {
    upgrade(req, socket, head) {
      // Java's client asks for HTTP/2 with whatever it sends.
      if (leaveAside(req, socket, head)) return;
      const res = respondToUpgrade(req, socket, head);
      if (!res) return;
      proxyBalancer(req, res, (error) => {
        answerAlone(res, error);
      });
    },
    at(path) {
      const mapping = mapBelow(path);
      if (!mapping) return balancer;
      return function proxyBalancerAt(req, res, next) {
        works.handle(req, res, next, mapping);
      };
    },
    view() {
      const { members, now } = works.now().parts;
      return viewMembers(members.view(), now());
    },
    explain: (req) => works.explain(req),
    change(member, change) {
      refuseIfClosed();
      steering().change(member, change);
    },
    add(member) {
      refuseIfClosed();
      // Only what it returns is called so.
      return steering().add(member) as AddedName;
    },
    async remove(member) {
      refuseIfClosed();
      await steering().remove(member);
    },
    async drain(name, options = {}) {
      const { deadline } = readDrainOptions(options);
      works.membership()?.changes.drain(name, deadline);
      return drainMember(works.now().parts.members, roster.find(name), options, works.watch, works.part);
    },
    configure(options) {
      refuseIfClosed();
      steering().configure(options);
    },
    update(given) {
      refuseIfClosed();
      // Read once: what is checked is what is used.
      const next = readDefinition(given);
      refuseMove(next);
      roster.update(next);
      // The changes that hold in all processes are laid on the new definition.
      works.membership()?.log.sync();
      noteUpgradeProtocols(works.now().parts.settings.upgrade);
      // The names are those of the definition that its names were inferred from; the same below.
      return balancer as unknown as Balancer<never>;
    },
    on: events.on,
    off: events.off,
    async close(options = {}) {
      const { grace = 0 } = readTimes(options, ['grace'], 'What close is asked for');
      delist();
      noteEnd();
      works.membership()?.leave();
      await works.close(grace);
      // Before whoever awaits it: what looked on is to be over by then.
      noteClosed(balancer);
    },
  };
  const balancer = Object.assign(proxyBalancer, methods);
  showInside(balancer, works);
  try {
    if (checked.state) works.join(checked.state.join(balancer));
  } catch (error) {
    void works.close(0);
    throw error;
  }
  const delist = listBalancer(balancer);
  const noteEnd = noteCreation(checked, settings);
  return balancer as unknown as Balancer<Route | Url>;
}
