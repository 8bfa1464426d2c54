import { isDeepStrictEqual } from 'node:util';
import type { Balancer } from '../balancer.ts';
import type { Deed } from '../changes/change.ts';
import { longestSpanMs } from '../changes/read-terms.ts';
import { configureDefinition } from '../definition/configure.ts';
import type { BalancerDefinition } from '../definition/definition.ts';
import type { MemberDefinition } from '../definition/member-definition.ts';
import { DefinitionError, stateProblem, type Options } from '../definition/problem.ts';
import { readChange } from '../definition/read-change.ts';
import { readMember } from '../definition/read-member.ts';
import { insideOf } from '../inside.ts';
import { identifyMember } from '../roster/diff-members.ts';
import { look } from './changes-base.ts';
import type { SharedEntry } from './changes-book.ts';
import { carryMember, readOptions, spell, splitOptions } from './changes-carried.ts';
import type { SharedChangesCore } from './changes-core.ts';
import { presence } from './changes-fold.ts';
import { findRemoved } from './changes-presence.ts';
import { findLoss, type Seat } from './changes-seat.ts';
import { identifyUrl, keyOf } from './changes-words.ts';
import type { SharedChanges } from './membership.ts';

const mostOfProgram = 10_000;
const program = 'program';

/** What the program does to a balancer, as changes that hold in all processes. */
export function createProgramChanges(balancer: Balancer, core: SharedChangesCore): SharedChanges {
  const { roster, now, isClosed } = insideOf(balancer);
  const { logger } = now().parts.settings;
  const { name } = now().parts.settings;
  const { act, book } = core;
  /** Members that only this process has. */
  const own = new Set<string>();

  /** Undefined: nothing is shared any more. */
  function findSeat(): Seat | undefined {
    return core.isClosed() || isClosed() ? undefined : core.seatOfBalancer(balancer);
  }

  function enter(seat: Seat, deed: Deed, server: string | undefined): void {
    const terms = { by: program, reason: undefined, forMs: undefined, server, isProgram: true };
    const word = core.newWord(deed, terms);
    const isMore = book.under(keyOf(word)) === undefined;
    if (isMore && book.inForce().filter(({ isProgram }) => isProgram).length >= mostOfProgram) {
      const fault = {
        problem: `${mostOfProgram} changes of the program are in force`,
        advice: 'write update(definition) for what is to last',
      };
      throw new DefinitionError(
        [stateProblem('change', deed.kind, fault)],
        `The change of balancer '${name}'`,
      );
    }
    core.enter(word, seat.propose(word));
  }

  /** Does what can be shared, else as it is without others. Returns whether it was shared. */
  function tryShare(share: () => void, alone: () => void, what: string): boolean {
    try {
      share();
      return true;
    } catch (error) {
      // Too large for the others, though it is right.
      if (!(error instanceof RangeError)) throw error;
      tellOwn(what);
      alone();
      return false;
    }
  }

  function tellOwn(what: string): void {
    logger.info(`[${name}] ${what} is done in this process only: it cannot be carried to the others`);
  }

  function ofProgram(kind: Deed['kind'], server: string): readonly SharedEntry[] {
    return book
      .wordsOf(name)
      .map(({ change }) => book.find(change.id)!)
      .filter((entry) => entry.isProgram && entry.server === server && entry.change.deed.kind === kind);
  }

  function endAll(entries: readonly SharedEntry[], seat: Seat): void {
    for (const entry of entries) core.end(entry, 'undone', program);
    for (const entry of entries) core.loseOn(entry);
    seat.settle();
  }

  function nameOf(server: string): string | undefined {
    return look(balancer).members.get(server)?.settings.name;
  }

  function setMember(seat: Seat, member: string, given: unknown): void {
    const view = roster.find(member);
    const { settings, state } = view;
    const { members, compat } = now().parts.settings;
    // Refused as it would be without others.
    readChange(given, settings, members, state.status, compat);
    const server = identifyMember(settings);
    const options = spell(typeof given === 'string' ? { status: given } : readOptions(given as object));
    if (own.has(server) || options === undefined) {
      if (options === undefined) tellOwn('a change of what health checks say');
      roster.change(member, given as Options);
      return;
    }
    const { inError, ...rest } = options;
    const { shared, own: alone } = splitOptions('change', rest);
    if (Object.keys(shared).length > 0) {
      const deed: Deed = { kind: 'change', balancer: name, member: settings.name, set: shared };
      tryShare(
        () => {
          enter(seat, deed, server);
        },
        () => {
          setAlone(seat, server, shared);
        },
        'a change',
      );
    }
    if (Object.keys(alone).length > 0) {
      tellOwn(`a change of ${Object.keys(alone).join(', ')}`);
      setAlone(seat, server, alone);
    }
    // The marks of errors take it to the others.
    if (inError !== undefined) roster.change(nameOf(server) ?? member, { inError: inError === true });
  }

  function setAlone(seat: Seat, server: string, options: Options): void {
    seat.silence(server, Object.keys(options), core.nextId());
    seat.settle();
    roster.change(nameOf(server)!, options);
  }

  function addMember(seat: Seat, given: string | MemberDefinition): string {
    const definition = carryMember(given);
    const told = definition && identifyUrl(definition['url']);
    if (told !== undefined) {
      const isSame = ({ change: { deed } }: SharedEntry): boolean =>
        deed.kind === 'add' && isDeepStrictEqual(deed.member, definition);
      // Another process of the program has said so before.
      const known = seat.folded().members.has(told) ? nameOf(told) : undefined;
      if (known !== undefined && ofProgram('add', told).some(isSame)) return known;
    }
    const company = {
      definition: roster.definition() as BalancerDefinition,
      members: now().parts.settings.members,
    };
    const wanted = readMember(given, company);
    const server = identifyMember(wanted);
    // Who was that before has gone with another definition.
    own.delete(server);
    const removes = ofProgram('remove', server);
    if (removes.length > 0) {
      const back = seat.foldWithout(new Set(removes.map(({ change }) => change.id))).members.get(server);
      const isBack = back && isDeepStrictEqual(back.settings.definition, wanted.definition);
      if (isBack && back.status === wanted.status && !findLoss(removes, seat, book)) {
        endAll(removes, seat);
        return nameOf(server) ?? wanted.name;
      }
    }
    if (told === undefined) return addAlone(seat, given, server);
    // What was read above.
    const member = definition as unknown as MemberDefinition;
    const deed: Deed = { kind: 'add', balancer: name, member, name: wanted.name };
    let added = wanted.name;
    tryShare(
      () => {
        enter(seat, deed, server);
      },
      () => {
        added = addAlone(seat, given, server);
      },
      'an add',
    );
    return nameOf(server) ?? added;
  }

  function addAlone(seat: Seat, given: string | MemberDefinition, server: string): string {
    // Who was removed everywhere is back in this process.
    seat.silence(server, [presence], core.nextId());
    own.add(server);
    const added = roster.add(given);
    tellOwn(`the add of member '${added}'`);
    return added;
  }

  function removeMember(seat: Seat, member: string): Promise<void> {
    const { members } = now().parts.settings;
    const gone = findRemoved(book.wordsOf(name), seat.folded().removed, member);
    const isThere = members.some((each) => each.name === member);
    if (gone !== undefined && !isThere) return seat.whenEnded(gone);
    const template = members.find((each) => each.resolve !== undefined && each.name === member);
    const settings = template ?? roster.find(member).settings;
    const server = identifyMember(settings);
    if (own.has(server) || (!template && roster.isTold(settings.name))) {
      const ended = roster.remove(settings.name);
      own.delete(server);
      return ended;
    }
    const adds = ofProgram('add', server);
    const isOver =
      adds.length > 0 && !seat.foldWithout(new Set(adds.map(({ change }) => change.id))).members.has(server);
    if (isOver) {
      const loss = findLoss(adds, seat, book);
      if (loss) throw loss;
      endAll(adds, seat);
    } else enter(seat, { kind: 'remove', balancer: name, member: settings.name }, server);
    return seat.whenEnded(server);
  }

  function setOptions(seat: Seat, given: unknown): void {
    const { members } = now().parts.settings;
    configureDefinition(given, { definition: roster.definition() as BalancerDefinition, members });
    const { shared, own: alone } = splitOptions('configure', readOptions(given as object));
    const setAll = (options: Options): void => {
      seat.silence('', Object.keys(options), core.nextId());
      seat.settle();
      roster.configure(options);
    };
    if (Object.keys(shared).length > 0) {
      const deed: Deed = { kind: 'configure', balancer: name, set: shared };
      tryShare(
        () => {
          enter(seat, deed, undefined);
        },
        () => {
          setAll(shared);
        },
        'a change of options',
      );
    }
    if (Object.keys(alone).length > 0) {
      tellOwn(`a change of ${Object.keys(alone).join(', ')}`);
      setAll(alone);
    }
  }

  /** Does it when everything that is due is done. */
  function on<Result>(shared: (seat: Seat) => Result, alone: () => Result): Result {
    const seat = findSeat();
    if (!seat) return alone();
    return act(() => {
      seat.settle();
      return shared(seat);
    });
  }

  return {
    change(member, change) {
      on(
        (seat) => {
          setMember(seat, member, change);
        },
        () => {
          roster.change(member, change);
        },
      );
    },
    add: (member) =>
      on(
        (seat) => addMember(seat, member),
        () => roster.add(member),
      ),
    remove: (member) =>
      on(
        (seat) => removeMember(seat, member),
        () => roster.remove(member),
      ),
    configure(options) {
      on(
        (seat) => {
          setOptions(seat, options);
        },
        () => {
          roster.configure(options);
        },
      );
    },
    drain(member, deadlineMs) {
      const { settings } = roster.find(member);
      const server = identifyMember(settings);
      if (own.has(server)) return;
      const isSpan = deadlineMs !== undefined && Number.isFinite(deadlineMs);
      const deed: Deed = {
        kind: 'drain',
        balancer: name,
        member: settings.name,
        deadlineMs: isSpan ? Math.min(deadlineMs, longestSpanMs) : undefined,
      };
      // The balancer drains it here.
      on(
        (seat) => {
          enter(seat, deed, server);
        },
        () => undefined,
      );
    },
  };
}
