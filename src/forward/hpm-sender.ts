import type { HttpProxyMiddleware } from '../definition/definition.ts';
import type { MemberSettings } from '../definition/settings.ts';
import type { HpmAttempt } from './hpm/attempt.ts';
import { HpmExchange } from './hpm/exchange.ts';
import { createHpmMember, type HpmMember } from './hpm/member.ts';
import { HpmUpgrade } from './hpm/upgrade.ts';
import type { Sender } from './sender.ts';

/** Sends requests through http-proxy-middleware with the user's options: one instance per member, made at its first request. */
export function createHpmSender(options: HttpProxyMiddleware): Sender {
  const members = new Map<MemberSettings, HpmMember>();
  const attempts = new Set<HpmAttempt>();
  const waiting: (() => void)[] = [];
  let isClosed = false;

  function memberOf(settings: MemberSettings): HpmMember {
    let member = members.get(settings);
    if (!member) {
      member = createHpmMember(options, settings);
      members.set(settings, member);
    }
    return member;
  }

  function forget(attempt: HpmAttempt): void {
    attempts.delete(attempt);
    if (attempts.size === 0) for (const resolve of waiting.splice(0)) resolve();
  }

  function settled(): Promise<void> {
    return attempts.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve));
  }

  return {
    send(outbound, member, receiver, fresh) {
      const asked = { outbound, member, receiver, fresh };
      const attempt =
        outbound.upgrade === undefined
          ? new HpmExchange(asked, options, forget)
          : new HpmUpgrade(asked, forget);
      attempts.add(attempt);
      if (isClosed) attempt.fail(new Error('the sender is closed'), 'reset');
      else memberOf(member).begin(attempt);
      return attempt;
    },
    async close() {
      isClosed = true;
      await Promise.all([settled(), ...[...members.values()].map(({ agents }) => agents.close())]);
    },
    async destroy() {
      isClosed = true;
      for (const attempt of attempts) attempt.fail(new Error('the sender was destroyed'), 'reset');
      await Promise.all([...members.values()].map(({ agents }) => agents.destroy()));
    },
  };
}
