import { startMembers } from '../members/start-members.ts';
import { describeRequests } from './requests.ts';

export const post = describeRequests({
  name: 'post',
  about: 'POST of 1 KiB, answers of 2 bytes, 2 members, 64 connections',
  start: () => startMembers({ kind: 'web', count: 2 }),
  requests: [{ body: Buffer.alloc(1_024, 'body ') }],
  answerBytes: 2,
});
