import type { HubStatus } from '../sharing/hub.ts';

/** How this process stands to the others: told when it becomes another, and not again. */
export type Standing = Readonly<{
  status(): HubStatus;
  share(processes: number): void;
  alone(why: string): void;
  refuse(why: string): void;
  close(): void;
}>;

export function createStanding(now: () => number, tell: (status: HubStatus) => void): Standing {
  let status: HubStatus = { kind: 'joining', since: now() };

  function become(next: HubStatus): void {
    status = next;
    tell(next);
  }

  return {
    status: () => status,
    share(processes) {
      if (status.kind === 'shared' && status.processes === processes) return;
      const since = status.kind === 'shared' ? status.since : now();
      become({ kind: 'shared', since, processes });
    },
    alone(why) {
      // Why it began is what helps; what follows from it does not.
      if (status.kind !== 'alone') become({ kind: 'alone', since: now(), why });
    },
    refuse(why) {
      if (status.kind !== 'refused' || status.why !== why) become({ kind: 'refused', since: now(), why });
    },
    close() {
      if (status.kind !== 'closed') become({ kind: 'closed', since: now() });
    },
  };
}
