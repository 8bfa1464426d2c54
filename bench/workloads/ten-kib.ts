import { startMembers } from '../members/start-members.ts';
import { describeRequests } from './requests.ts';

export const tenKib = describeRequests({
  name: 'ten-kib',
  about: 'GET, answers of 10 KiB, 2 members, 64 connections',
  start: () => startMembers({ kind: 'web', count: 2 }),
  requests: [{ path: '/10k' }],
  answerBytes: 10 * 1_024,
});
