import type { IncomingMessage } from 'node:http';
import { explainChoice, type Why } from './choice/explain.ts';
import type { Parts } from './parts.ts';
import { bindSession } from './request/bind-session.ts';
import type { Mapping } from './request/mapping.ts';
import { readInbound, type RequestReader } from './request/read-inbound.ts';
import { upgradeOf } from './upgrade-request.ts';

/** Who would get a request, and why each other member would not. */
export type Explanation<Name extends string = string> = Readonly<{
  /** Whom it would be sent to; undefined: nobody. */
  member: Name | undefined;
  /** In a sentence. */
  text: string;
  /** Name of the cookie or parameter that delivered the route. */
  sticky: string | undefined;
  /** Route found in the request. */
  route: string | undefined;
  /** Of every member; empty where the request would not be forwarded at all. */
  members: readonly Readonly<{
    /** The member's name. */
    name: Name;
    /** Its URL. */
    url: string;
    /** In a word, for programs. */
    why: Why;
    /** In a sentence, with what the method goes by. */
    text: string;
  }>[];
}>;

/** Explains what would be done with a request now. Sends nothing, charges nobody. */
export function explainRequest(
  parts: Parts,
  reader: RequestReader,
  req: IncomingMessage,
  mapping: Mapping | undefined,
): Explanation {
  const { settings, members, rules, now, random } = parts;
  const reading = readInbound(reader, req, upgradeOf(req) !== undefined, mapping);
  if (reading.kind !== 'inbound') {
    const texts = {
      'not-ours': 'it is left to the app (exclude)',
      here: 'it is answered here: Max-Forwards ends',
    };
    return explainNobody(
      reading.kind === 'refused' ? `it is refused: ${reading.problem}` : texts[reading.kind],
    );
  }
  const { route, sticky } = bindSession(reading.inbound, settings, reader.findSession, members.hasRoute);
  const context = { now: now(), random, req };
  const { choice, whys } = explainChoice(members.view(), route, rules, context);
  const chosen = whys.find(({ member }) => choice.kind === 'member' && choice.member === member);
  const reasons = {
    unusable: 'no member is usable',
    nofailover: "the session's member is not usable, and nofailover is on",
    full: 'those who may be chosen serve their max: it would wait',
    'method-failed': 'the balancing method has failed',
  };
  return {
    member: chosen?.member.settings.name,
    text:
      choice.kind === 'nobody' ? reasons[choice.reason] : `${chosen!.member.settings.name}: ${chosen!.text}`,
    sticky,
    route,
    members: whys.map(
      ({
        member: {
          settings: { name, url },
        },
        why,
        text,
      }) => ({ name, url, why, text }),
    ),
  };
}

/** A request that no member is chosen for, whatever the members. */
export function explainNobody(text: string): Explanation<never> {
  return { member: undefined, text, sticky: undefined, route: undefined, members: [] };
}
