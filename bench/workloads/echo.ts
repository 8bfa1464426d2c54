import { openEchoes } from '../load/echo.ts';
import { startMembers } from '../members/start-members.ts';
import { socketPipe } from '../peers/index.ts';
import { readUsage } from '../rig/usage.ts';
import type { Workload } from './workload.ts';

const connections = 64;
/** The handshakes' cost, and that of what a proxy's engine makes of the first messages. */
const warmUpMs = 500;
const leastMs = 200;

export const echo: Workload = {
  name: 'echo',
  about: '64 WebSockets, on each one message of 64 or 1,024 bytes under way, which comes back',
  unit: 'message',
  extraPeers: [socketPipe],
  async prepare() {
    const { origins, stop } = await startMembers({ kind: 'echo', count: 2 });
    return { task: { members: origins, sticky: false, upgrades: true }, stop };
  },
  async measure({ port, pid }, budgetMs) {
    const echoes = await openEchoes(port, '/', connections);
    try {
      await echoes.speak(warmUpMs);
      const before = readUsage(pid);
      const { messages, seconds, failed } = await echoes.speak(Math.max(budgetMs - warmUpMs, leastMs));
      const after = readUsage(pid);
      return {
        ...(messages > 0 && { cpuUs: (after.cpuUs - before.cpuUs) / messages }),
        perSecond: messages / seconds,
        residentBytes: after.residentBytes,
        failed,
      };
    } finally {
      echoes.close();
    }
  },
};
