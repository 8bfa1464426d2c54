import { measureCosts, startGrowing } from './growth-process.ts';
import { startAll } from './growth-processes.ts';
import type { Effort, Finding } from './growth-finding.ts';
import { startMembers } from './members/start-members.ts';
import { nginx } from './peers/nginx.ts';
import { bareUndici } from './peers/node-peers.ts';
import type { Running } from './rig/running.ts';
import type { Request } from './workloads/requests.ts';
import { middleOf } from './sharing-figures.ts';

const few = 2;
const many = 1_000;

/** What a request costs among 1,000 members, against one among 2. */
export async function growMembers(effort: Effort): Promise<readonly Finding[]> {
  const { origins, stop } = await startMembers({ kind: 'web', count: many });
  const compare = async (
    name: string,
    start: (members: readonly string[]) => Promise<Running>,
    ask: (members: number) => readonly Request[] = () => [{}],
  ) => {
    const { processes, stopAll } = await startAll(
      [origins.slice(0, few), origins].map((members) => () => start(members)),
    );
    try {
      const rounds = await measureCosts(
        processes.map((process, i) => ({ process, asked: ask(i === 0 ? few : many) })),
        effort,
      );
      const [before, after] = [0, 1].map((i) => middleOf(rounds.map((costs) => costs[i]!)));
      return {
        what: `CPU a request with ${many} members against ${few}, ${name}`,
        figure: middleOf(rounds.map(([one, other]) => other! / one!)),
        unit: '×',
        of: `${after!.toFixed(1)} µs against ${before!.toFixed(1)} µs`,
      };
    } finally {
      await stopAll();
    }
  };
  try {
    const start = (members: readonly string[]) => startGrowing({ kind: 'members', members });
    const findings: Finding[] = [
      { ...(await compare('this balancer', start)), most: 1.1 },
      { ...(await compare('this balancer, each in a session', start, askInSessions)), most: 1.1 },
    ];
    // More connections are dearer to everybody: to the kernel, and to the caches.
    for (const peer of [bareUndici, nginx]) {
      const isThere = peer.version() !== undefined;
      if (isThere) {
        const task = { sticky: false, upgrades: false };
        findings.push(await compare(peer.name, (members) => peer.start({ members, ...task })));
      } else {
        console.error(`Left out: ${peer.name} is not installed (${peer.install ?? 'npm install'}).`);
      }
    }
    return findings;
  } finally {
    await stop();
  }
}

/** As many sessions as members, one on each. */
function askInSessions(members: number): readonly Request[] {
  return Array.from({ length: members }, (_, i) => ({ headers: { Cookie: `sid=session.r${i}` } }));
}
