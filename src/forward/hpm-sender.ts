import type { HttpProxyMiddleware } from '../definition/definition.ts';
import type { MemberSettings } from '../definition/settings.ts';
import type { Asked, HpmAttempt } from './hpm/attempt.ts';
import { HpmExchange } from './hpm/exchange.ts';
import { createHpmMember, type HpmMember } from './hpm/member.ts';
import { HpmPlainExchange } from './hpm/plain-exchange.ts';
import { isPlain, isPlainRequest } from './hpm/plain.ts';
import { HpmUpgrade } from './hpm/upgrade.ts';
import type { Sender } from './sender.ts';

/** Sends requests through http-proxy-middleware with the user's options: one instance per member, made at its first request. */
export function createHpmSender(options: HttpProxyMiddleware): Sender {
  // By URL, which no two members share: settings that have nothing to do with connections come and go.
  const members = new Map<string, HpmMember>();
  const retired = new Map<HpmMember, Promise<void>>();
  // Not a Set: as it fills and empties, its old tables hold on to the attempts that are over, for the garbage collector to copy.
  const attempts: HpmAttempt[] = [];
  const sendsPlainly = isPlain(options);
  let isClosed = false;

  function memberOf(settings: MemberSettings): HpmMember {
    let member = members.get(settings.url);
    if (!member) {
      member = createHpmMember(options, settings);
      members.set(settings.url, member);
    }
    return member;
  }

  async function retire(url: string): Promise<void> {
    const member = members.get(url);
    if (!member) return;
    members.delete(url);
    const closed = member.agents.retire();
    retired.set(member, closed);
    await closed;
    retired.delete(member);
  }

  function create(asked: Asked): HpmExchange | HpmPlainExchange | HpmUpgrade {
    const { outbound } = asked;
    if (outbound.upgrade !== undefined) return new HpmUpgrade(asked, forget);
    const Exchange = sendsPlainly && isPlainRequest(outbound) ? HpmPlainExchange : HpmExchange;
    return new Exchange(asked, options, forget);
  }

  function remember(attempt: HpmAttempt): void {
    attempt.place = attempts.length;
    attempts.push(attempt);
  }

  function forget(attempt: HpmAttempt): void {
    const last = attempts.pop()!;
    if (last === attempt) return;
    attempts[attempt.place] = last;
    last.place = attempt.place;
  }

  return {
    send(outbound, member, receiver, fresh) {
      const attempt = create({ outbound, member, receiver, fresh });
      remember(attempt);
      if (isClosed) attempt.fail(new Error('the sender is closed'), 'reset');
      else memberOf(member).begin(attempt);
      return attempt;
    },
    retire: ({ url }) => retire(url),
    async retireAll() {
      for (const url of members.keys()) void retire(url);
      await Promise.all(retired.values());
    },
    async destroy() {
      isClosed = true;
      for (const attempt of [...attempts]) attempt.fail(new Error('the sender was destroyed'), 'reset');
      await Promise.all([...members.values(), ...retired.keys()].map(({ agents }) => agents.destroy()));
    },
  };
}
