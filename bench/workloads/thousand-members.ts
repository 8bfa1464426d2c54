import { startMembers } from '../members/start-members.ts';
import { describeRequests } from './requests.ts';

export const thousandMembers = describeRequests({
  name: 'thousand-members',
  about: 'GET, answers of 2 bytes, 1,000 members, 64 connections',
  start: () => startMembers({ kind: 'web', count: 1_000 }),
  requests: [{}],
  answerBytes: 2,
});
