import type { TransferFigures, TransferOptions } from '../load/transfers.ts';
import { startMembers, type MemberKind } from '../members/start-members.ts';
import { readUsage } from '../rig/usage.ts';
import type { Workload } from './workload.ts';

/** What is transferred, and who does it. */
type Transfers = Readonly<{
  name: string;
  about: string;
  members: MemberKind;
  path: string;
  transfer(port: number, options: TransferOptions): Promise<TransferFigures>;
}>;

const bytes = 100 * 1_048_576;
const parallel = 4;
/** What has begun by then ends within the budget, roughly. */
const partToBegin = 0.8;

/** Large bodies in one direction. */
export function createTransferWorkload({ name, about, members, path, transfer }: Transfers): Workload {
  return {
    name,
    about,
    unit: 'MiB',
    async prepare() {
      const { origins, stop } = await startMembers({ kind: members, count: 2 });
      return { task: { members: origins, sticky: false, upgrades: false }, stop };
    },
    async measure({ port, pid }, budgetMs) {
      const before = readUsage(pid);
      const durationMs = budgetMs * partToBegin;
      const { mib, seconds, failed } = await transfer(port, { path, bytes, parallel, durationMs });
      const after = readUsage(pid);
      return {
        ...(mib > 0 && { cpuUs: (after.cpuUs - before.cpuUs) / mib }),
        perSecond: mib / seconds,
        residentBytes: after.residentBytes,
        failed,
      };
    },
  };
}
