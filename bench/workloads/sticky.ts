import { startMembers } from '../members/start-members.ts';
import { describeRequests, type Request } from './requests.ts';

const count = 10;
const inSession = (route: number): Request => ({ headers: { Cookie: `sid=a7f3c1.r${route}` } });

export const sticky = describeRequests({
  name: 'sticky',
  about: 'GET with the cookie of a session, answers of 2 bytes, 10 members, 64 connections',
  start: () => startMembers({ kind: 'web', count }),
  sticky: true,
  requests: [inSession(0), ...Array.from({ length: count - 1 }, (_, i) => inSession(i + 1))],
  answerBytes: 2,
});
