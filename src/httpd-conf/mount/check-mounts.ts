import type { Balancer } from '../../balancer.ts';
import { describe as show } from '../../definition/describe.ts';
import { isString, judgeBoolean, judgeWord } from '../../definition/judges.ts';
import { checkBy, stateProblem, type Check, type Fault, type Problem } from '../../definition/problem.ts';
import { insideOf } from '../../inside.ts';
import { readPath } from '../../request/path.ts';
import { checkConditions } from './check-conditions.ts';
import { checkFields, isRecord, type Fields } from './check-fields.ts';
import { judgeAt, judgeHostOf } from './check-sections.ts';
import { encodeTarget } from './encode-target.ts';

const kinds = ['balancer', 'next', 'manager', 'status', 'cookie'];

/** What all mounts may have. */
const base: Readonly<Record<string, Check>> = {
  kind: checkBy(judgeWord(kinds)),
  at: checkBy(judgeAt),
  negated: checkBy(judgeBoolean),
  conditions: checkConditions,
  // Whatever it is, it is only shown.
  place: () => [],
};

/** What those of a kind may have besides. */
const ofKind: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  balancer: {
    to: checkBy(judgeTo),
    appendsPath: checkBy(judgeBoolean),
    query: checkBy(judgeWord(['keep', 'append', 'drop'])),
    url: checkBy((value) =>
      isString(value)
        ? undefined
        : { problem: 'it must be a text', advice: "write 'http://app1:3000', or leave it out" },
    ),
    // Checked by createBalancer, together with the rest of it.
    definition: () => [],
    balancer: checkBy(judgeBalancer),
  },
  next: {},
  manager: {},
  status: {
    status: checkBy((value) =>
      value === 403 || value === 410
        ? undefined
        : { problem: 'there is no such answer', advice: 'write 403 or 410' },
    ),
  },
  cookie: {
    cookie: checkBy((value) =>
      isString(value) && /^[^\s=;]+=/.test(value)
        ? undefined
        : { problem: 'it must be a Set-Cookie value', advice: "write 'name=value; Path=/'" },
    ),
  },
};

const required: Readonly<Record<string, string>> = { balancer: 'to', status: 'status', cookie: 'cookie' };

/** The check of a mount. */
export function checkMount(
  mount: unknown,
  path: string,
  hosts: readonly unknown[] | undefined,
): readonly Problem[] {
  const advice = "write { kind: 'balancer', at: '/app', to: '', definition: { … } }";
  if (!isRecord(mount)) return [stateProblem(path, mount, { problem: 'it is no mount', advice })];
  const { kind } = mount;
  if (!isString(kind) || !Object.hasOwn(ofKind, kind)) return base['kind']!(kind, `${path}.kind`);
  const checks: Readonly<Record<string, Check>> = {
    ...base,
    ...ofKind[kind],
    host: checkBy((host) => judgeHostOf(host, hosts)),
  };
  const needed = required[kind];
  const names = needed === undefined ? ['at'] : ['at', needed];
  return [
    ...checkFields(mount, path, `a mount of the kind '${kind}'`, checks, names),
    ...(kind === 'balancer' ? checkTarget(mount, path) : []),
  ];
}

/** Whom it is proxied by: exactly one of the two. And a plain path is a path. */
function checkTarget(mount: Fields, path: string): readonly Problem[] {
  const { definition, balancer, at, to } = mount;
  const problems: Problem[] = [];
  if (definition === undefined && balancer === undefined)
    problems.push(
      stateProblem(`${path}.definition`, undefined, {
        problem: 'nobody serves this mount',
        advice: 'write definition: { members: [ … ] }, or balancer: what createBalancer has returned',
      }),
    );
  if (definition !== undefined && balancer !== undefined)
    problems.push(
      stateProblem(`${path}.balancer`, balancer, {
        problem: 'there is a definition too',
        advice: 'leave one of the two out',
      }),
    );
  if (definition !== undefined && (typeof definition !== 'object' || definition === null))
    problems.push(
      stateProblem(`${path}.definition`, definition, {
        problem: 'it is no definition',
        advice: 'write { members: [ … ] }',
      }),
    );
  const fault = isString(at) && isString(to) ? judgePlainTarget(to) : undefined;
  if (fault) problems.push(stateProblem(`${path}.to`, to, fault));
  return problems;
}

function judgePlainTarget(to: string): Fault | undefined {
  if (to !== '' && !to.startsWith('/')) {
    const advice = `write '' or ${show(`/${to}`)}: a path below the members' own`;
    return { problem: 'it begins with no slash', advice };
  }
  const path = encodeTarget(to) || '/';
  const read = readPath(path);
  if ('problem' in read) return { problem: read.problem, advice: 'write the path that is meant' };
  return read.path === path.replace(/^\/+/, '/')
    ? undefined
    : { problem: 'it holds dot segments', advice: `write ${show(read.path)}` };
}

function judgeTo(to: unknown): Fault | undefined {
  return isString(to)
    ? undefined
    : {
        problem: "it must say what the mount becomes below the members' own paths",
        advice: "write '' for nothing, or a path such as '/app'",
      };
}

function judgeBalancer(value: unknown): Fault | undefined {
  try {
    // It looks up whatever it is handed, and does nothing else with it.
    insideOf(value as Balancer);
    return undefined;
  } catch {
    return { problem: 'it is no balancer', advice: 'write what createBalancer has returned' };
  }
}
