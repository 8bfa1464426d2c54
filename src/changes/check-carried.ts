import { isArray } from '../definition/describe.ts';
import { parseMemberUrl } from '../definition/member-url.ts';
import {
  isFault,
  joinPath,
  stateProblem,
  stateSecretProblem,
  type Fault,
  type Options,
  type Problem,
} from '../definition/problem.ts';
import type { Deed } from './change.ts';
import { isRecord } from './copy-json.ts';

/** What is wrong with a value that comes through a form, JSON or a file, and would be right in a program. */
type JudgeCarried = (value: unknown) => Fault | undefined;

const patternFault: Fault = {
  problem: 'patterns and functions do not come through here',
  advice: 'set it by the program, or write null',
};

const secretFault: Fault = {
  problem: 'a secret would stand in the log of changes',
  advice: 'set it by the program',
};

const judgeExpectation: JudgeCarried = (value) =>
  value === null || isArray(value)
    ? undefined
    : {
        problem: 'patterns and functions do not come through here',
        advice: 'write a list of statuses such as [200, 204]',
      };

const judges: Readonly<Partial<Record<Deed['kind'], Readonly<Record<string, JudgeCarried>>>>> = {
  change: { hcexpect: judgeExpectation },
  add: {
    url: judgeUrl,
    hcexpect: judgeExpectation,
    handler: () => ({ problem: 'a handler is a function of the program', advice: 'add it by balancer.add' }),
    tls: () => ({
      problem: 'keys and trust do not come through here',
      advice: 'write them in memberDefaults, which hold for it too',
    }),
  },
  configure: {
    routeregex: (value) => (value === null ? undefined : patternFault),
    routeCookie: (value) => (isRecord(value) && value['secret'] !== undefined ? secretFault : undefined),
  },
};

/** What the balancer would take from the program that owns it, and nobody may hand in from outside. */
export function checkCarried(kind: Deed['kind'], options: Options, path: string): readonly Problem[] {
  const judged = judges[kind] ?? {};
  const isMissing = kind === 'add' && options['url'] === undefined;
  return [
    ...(isMissing ? statesUrl(undefined, path) : []),
    ...Object.entries(options).flatMap(([name, value]) => {
      const fault = Object.hasOwn(judged, name) ? judged[name]!(value) : undefined;
      if (!fault) return [];
      const state = name === 'tls' || fault === secretFault ? stateSecretProblem : stateProblem;
      return [state(joinPath(path, name), value, fault)];
    }),
  ];
}

function statesUrl(value: unknown, path: string): readonly Problem[] {
  const fault = { problem: 'a member is where its URL says', advice: "write 'http://host:3000'" };
  return [stateProblem(`${path}.url`, value, fault)];
}

/** Who may be reached is decided by it, so that it is read here first, as the balancer reads it. */
function judgeUrl(value: unknown): Fault | undefined {
  if (typeof value === 'string' && /^\s*unix:/i.test(value))
    return { problem: 'sockets of this machine do not come through here', advice: 'add it by balancer.add' };
  const address = parseMemberUrl(value);
  return isFault(address) ? address : undefined;
}
