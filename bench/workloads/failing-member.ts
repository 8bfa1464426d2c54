import { startMembers, type Members } from '../members/start-members.ts';
import { describeRequests } from './requests.ts';

export const failingMember = describeRequests({
  name: 'failing-member',
  about: 'GET, answers of 2 bytes, 2 members that work and one that refuses connections, 64 connections',
  start: startWithClosed,
  requests: [{}],
  // A proxy without failover answers every third request with an error.
  answerBytes: undefined,
});

async function startWithClosed(): Promise<Members> {
  const closed = await startMembers({ kind: 'closed', count: 1 });
  const working = await startMembers({ kind: 'web', count: 2 });
  return { ...working, origins: [...working.origins, ...closed.origins] };
}
