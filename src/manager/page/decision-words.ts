import type { Decision } from '../survey/report.ts';

type Attempt = Decision['attempts'][number];

const reasons: Readonly<Record<string, string>> = {
  route: 'its session is bound there',
  redirect: 'its session is redirected there',
  method: 'the method has chosen it',
  again: 'once more',
};

const outcomes: Readonly<Record<string, string>> = {
  pending: 'not ended',
  answered: 'answered',
  discarded: 'answer discarded',
  'passed-on': 'passed on',
  upgraded: 'upgraded',
  'client-gone': 'the client left',
  deadline: 'deadline over',
  connect: 'no connection',
  'connect-timeout': 'connecting took too long',
  reset: 'connection broken',
  timeout: 'timeout',
  'bad-answer': 'bad answer',
  'bad-request': 'bad request',
};

/** Why this member. */
export function tellReason({ reason }: Attempt): string {
  return find(reasons, reason);
}

/** What an attempt came to: `timeout`, `answered 200`, `no connection (ECONNREFUSED)`. */
export function tellOutcome({ outcome, status, code }: Attempt): string {
  const word = find(outcomes, outcome);
  if (code !== undefined) return `${word} (${code})`;
  return status === undefined ? word : `${word} ${status}`;
}

function find(words: Readonly<Record<string, string>>, word: string): string {
  return Object.hasOwn(words, word) ? words[word]! : word;
}
