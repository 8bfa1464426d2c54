import { makeBag, mergeBags, type BalancerDraft, type Server, type Source } from './draft.ts';

/** The balancer of a name in a server, made where it is named first. */
export function findBalancer(server: Server, name: string, source: Source): BalancerDraft {
  const known = server.balancers.get(name);
  if (known) return known;
  const made: BalancerDraft = { ...makeBag(), name, members: [], source, isDefined: false };
  server.balancers.set(name, made);
  return made;
}

/** The same where something is said of it. */
export function defineBalancer(server: Server, name: string, source: Source): BalancerDraft {
  const draft = findBalancer(server, name, source);
  draft.isDefined = true;
  return draft;
}

/**
 * The balancer that requests of a server see: its own, or that of the main server, upon whose options its own are put
 * where it only names it.
 */
export function seeBalancer(server: Server, name: string): BalancerDraft | undefined {
  const own = server.balancers.get(name);
  const main = server.inherits.balancers ? server.main?.balancers.get(name) : undefined;
  if (own === undefined || main?.isDefined !== true) return own ?? main;
  if (own.members.length > 0) return own;
  if (own.from.size === 0) return main;
  return { ...main, ...mergeBags(main, own) };
}
