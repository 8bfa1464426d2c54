import { startMembers } from '../members/start-members.ts';
import { expressAlone } from '../peers/index.ts';
import { describeRequests } from './requests.ts';

export const small = describeRequests({
  name: 'small',
  about: 'GET, answers of 2 bytes, 2 members, 64 connections',
  start: () => startMembers({ kind: 'web', count: 2 }),
  requests: [{}],
  answerBytes: 2,
  extraPeers: [expressAlone],
});
