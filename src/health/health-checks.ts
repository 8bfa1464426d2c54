import type { HealthSettings } from '../definition/settings.ts';
import type { MemberView } from '../member/member.ts';
import { ownDuty } from './check-duty.ts';
import { createDoubts, type CommonFailure } from './doubts.ts';
import { startCheckLoop, type CheckLoop, type CheckReport, type LoopParts } from './check-loop.ts';
import { probe } from './probe.ts';

/** The active health checks of one balancer's members (httpd mod_proxy_hcheck). */
export type HealthChecks = Readonly<{
  /** Follows a change of the members or of their settings. Nothing is checked before the first call. */
  sync(): void;
  /** What the checks of a member have found; undefined: it is not checked. */
  report(member: MemberView): CheckReport | undefined;
  /** Another process has checked a member: what it has found is as good as if it had been found here. */
  hear(member: MemberView, report: CheckReport): void;
  /** Ends all checks; resolves when none is under way. */
  close(): Promise<void>;
}>;

/** What health checks need to know, and whom they tell. */
export type HealthChecksParts = Readonly<{
  /** The members as they are kept, not copies: what becomes of them is read again before each check. */
  view: () => readonly MemberView[];
  /** Default: over real connections. */
  probe?: LoopParts['probe'];
  /** Default: this process checks. */
  duty?: LoopParts['duty'];
  /** Is told, after each check, by what all members fail and always have failed: the check itself looks wrong. */
  doubted?: (failure: CommonFailure) => void;
}> &
  Omit<LoopParts, 'probe' | 'duty' | 'ended'>;

/** Checks each member that is to be checked, members beside each other, and one member never twice at a time. */
export function createHealthChecks({ view, doubted, ...parts }: HealthChecksParts): HealthChecks {
  const loops = new Map<MemberView, CheckLoop>();
  const doubts = createDoubts(() => loops.keys());
  const endings = new Set<Promise<void>>();
  let isClosed = false;

  function stop(member: MemberView, loop: CheckLoop): void {
    loops.delete(member);
    doubts.forget(member);
    const ending = loop.stop().finally(() => endings.delete(ending));
    endings.add(ending);
  }

  const ended: LoopParts['ended'] = (member, health, end) => {
    const failure = doubts.note(member, health, end);
    if (failure) doubted?.(failure);
  };

  return {
    sync() {
      if (isClosed) return;
      const wanted = new Map(view().flatMap((member) => healthOf(member)));
      for (const [member, loop] of loops) if (!wanted.has(member)) stop(member, loop);
      for (const [member, health] of wanted) {
        const loop = loops.get(member);
        if (loop) loop.update(health);
        else
          loops.set(member, startCheckLoop(member, health, { probe, duty: () => ownDuty, ended, ...parts }));
      }
    },
    report: (member) => loops.get(member)?.report(),
    hear(member, report) {
      loops.get(member)?.hear(report);
    },
    async close() {
      isClosed = true;
      for (const [member, loop] of loops) stop(member, loop);
      await Promise.all(endings);
    },
  };
}

/** The member with how it is checked, where it is a server that is. */
function healthOf(member: MemberView): (readonly [MemberView, HealthSettings])[] {
  const { health, handler, resolve } = member.settings;
  return health && !handler && !resolve ? [[member, health]] : [];
}
