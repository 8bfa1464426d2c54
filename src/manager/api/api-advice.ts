import type { Problem } from '../../definition/problem.ts';

/** What a program would call, and the request that does it. The first that fits holds. */
const requests: readonly (readonly [advice: RegExp, instead: string])[] = [
  [/^write balancer\.drain\(name, \{ deadline: … \}\)$/, 'send it to POST …/members/:member/drain'],
  [/^write balancer\.change\(member, \{ (\w+): … \}\)/, 'send { "$1": … } to PATCH …/members/:member'],
  [/^write balancer\.change\(member, …\)/, 'send it to PATCH …/members/:member'],
  [/^write balancer\.configure\(\{ (\w+): … \}\)/, 'send { "$1": … } to PATCH /api/balancers/:balancer'],
  [/^write balancer\.add\(…\) or balancer\.remove\(…\)/, 'send POST …/members or DELETE …/members/:member'],
];

/** A problem with a change, as the API tells it. */
export function rewordForApi(problem: Problem): Problem {
  return { ...problem, advice: adviseForApi(problem.advice) };
}

/** What a program is advised to call, as the API has it; what it has not is the program's. */
export function adviseForApi(advice: string): string {
  const request = requests.find(([code]) => code.test(advice));
  const told = request
    ? advice.replace(...request).replace(' or balancer.', ', or write balancer.')
    : advice.replace(/^write balancer\.change\('(.*)', …\)$/, linkMember);
  return /\bbalancer\.\w/.test(told) ? `${told} in the program` : told;
}

function linkMember(_advice: string, quoted: string): string {
  // A name that is shortened, or that hides a password, is not all of it.
  const name = /[…\\]/.test(quoted) ? ':member' : encodeURIComponent(quoted);
  return `send PATCH …/members/${name}`;
}
