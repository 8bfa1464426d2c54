import { describe as show, isArray, isRegExp } from '../../definition/describe.ts';
import { isString, judgeRegExp, judgeWord } from '../../definition/judges.ts';
import { stateProblem, type Fault, type Problem } from '../../definition/problem.ts';

/** Anything with fields. */
export type Fields = Readonly<Record<string, unknown>>;

/** The check of a virtual host. */
export function checkHost(host: unknown, path: string): readonly Problem[] {
  const advice =
    "write { serverName: 'www.example.com', serverAlias: [], ports: [], isTls: false, inherits: true, place }";
  const fits =
    isRecord(host) &&
    (host['serverName'] === undefined || isString(host['serverName'])) &&
    isArray(host['serverAlias']) &&
    host['serverAlias'].every(isString) &&
    isArray(host['ports']) &&
    typeof host['isTls'] === 'boolean' &&
    typeof host['inherits'] === 'boolean';
  return fits ? [] : [stateProblem(path, host, { problem: 'it is no virtual host', advice })];
}

/** The check of an access section. */
export function checkSection(
  section: unknown,
  path: string,
  hosts: readonly unknown[] | undefined,
): readonly Problem[] {
  const advice = "write { at: '/admin', rule: { order: 'allow,deny', allow: ['10.0.0.0/8'], deny: [] } }";
  if (!isRecord(section)) return [stateProblem(path, section, { problem: 'it is no section', advice })];
  const { at, url, host, rule, by, satisfy } = section;
  const faults: readonly (readonly [string, unknown, Fault | undefined])[] = [
    ['at', at, at === undefined ? undefined : judgeAt(at)],
    ['url', url, judgeUrl(url)],
    ['host', host, host === undefined ? undefined : judgeHostOf(host, hosts)],
    ['rule', rule, isRule(rule) ? undefined : { problem: 'it is no rule', advice }],
    ['by', by, by === undefined ? undefined : judgeWord(['require', 'order'])(by)],
    ['satisfy', satisfy, judgeSatisfy(satisfy, by)],
  ];
  return faults.flatMap(([name, value, fault]) =>
    fault ? [stateProblem(`${path}.${name}`, value, fault)] : [],
  );
}

function judgeUrl(url: unknown): Fault | undefined {
  if (url === undefined || isString(url)) return undefined;
  return isRegExp(url)
    ? judgeRegExp(url)
    : {
        problem: 'it must be a text or a RegExp',
        advice: "write what URLs begin with: 'balancer://app/admin'",
      };
}

function judgeSatisfy(satisfy: unknown, by: unknown): Fault | undefined {
  if (satisfy === undefined) return undefined;
  if (by !== 'order') return { problem: "only sections by 'order' have it", advice: 'leave it out' };
  return judgeWord(['all', 'any'])(satisfy);
}

function isRule(rule: unknown): boolean {
  if (!isRecord(rule)) return false;
  const { order, allow, deny } = rule;
  const isList = (list: unknown): boolean => isArray(list) && list.every(isString);
  return (order === 'deny,allow' || order === 'allow,deny') && isList(allow) && isList(deny);
}

/** Whether a host is one of those that are asked. */
export function judgeHostOf(host: unknown, hosts: readonly unknown[] | undefined): Fault | undefined {
  const advice = 'write the very object that stands in hosts';
  if (hosts) return hosts.includes(host) ? undefined : { problem: 'it is none of the hosts', advice };
  return {
    problem: 'there are no hosts',
    advice: 'write hosts: [ … ], in the order in which they are asked, too',
  };
}

/** Whether it is a path or a pattern to be mounted at. */
export function judgeAt(at: unknown): Fault | undefined {
  if (isRegExp(at)) return judgeRegExp(at);
  const advice = "write a path such as '/app', or a pattern such as /^\\/app\\/(.*)$/";
  if (!isString(at)) return { problem: 'it must be a path or a RegExp', advice };
  return at.startsWith('/')
    ? undefined
    : { problem: 'a path begins with a slash', advice: `write ${show(`/${at}`)}` };
}

/** Whether a value has fields. */
export function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !isArray(value) && !isRegExp(value);
}
