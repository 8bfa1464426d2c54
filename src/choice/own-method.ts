import { types } from 'node:util';
import type { LbMethod } from '../definition/definition.ts';
import { describe } from '../definition/describe.ts';
import { viewMembers, type MemberSnapshot } from '../member/snapshot.ts';
import { byRequests } from './by-requests.ts';
import { shareUpToLimit } from './credit.ts';
import type { Method } from './method.ts';

type Snapshots = readonly [MemberSnapshot, ...MemberSnapshot[]];

/**
 * A balancing method of the user's own, who sees the candidates as they are now and names one of them; byrequests chooses
 * where it names none. Throws an Error that says what is wrong when it does anything else.
 */
export function buildOwnMethod(lbmethod: LbMethod): Method {
  return {
    choose(candidates, context) {
      const snapshots = viewMembers(candidates, context.now) as Snapshots; // One for each candidate, and there is one.
      const chosen = callOwnMethod(lbmethod, snapshots, context.req);
      if (chosen === undefined) return byRequests.choose(candidates, context);
      const member = candidates[snapshots.findIndex((snapshot) => snapshot === chosen)];
      if (member === undefined) throw new Error(tellWrong(chosen));
      return member;
    },
    share: shareUpToLimit,
  };
}

function callOwnMethod(lbmethod: LbMethod, snapshots: Snapshots, req: Parameters<LbMethod>[1]): unknown {
  try {
    return lbmethod(snapshots, req);
  } catch (cause) {
    throw new Error('the function given as lbmethod has thrown', { cause });
  }
}

function tellWrong(chosen: unknown): string {
  // Nobody waits for it, so nobody else would take its failure.
  if (types.isPromise(chosen)) chosen.catch(() => undefined);
  return `the function given as lbmethod has returned ${describe(chosen)}: return one of the members it was given, or undefined`;
}
