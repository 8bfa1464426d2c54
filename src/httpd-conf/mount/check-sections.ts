import { describe as show, isRegExp } from '../../definition/describe.ts';
import { isString, judgeBoolean, judgeRegExp, judgeWord } from '../../definition/judges.ts';
import { checkBy, stateProblem, type Check, type Fault, type Problem } from '../../definition/problem.ts';
import { readSubnet } from './access.ts';
import { checkFields, checkListOf, isRecord } from './check-fields.ts';

const hostChecks: Readonly<Record<string, Check>> = {
  serverName: checkBy(judgeName),
  serverAlias: checkListOf(checkBy(judgeName), "write ['*.example.com'], or [] for none"),
  ports: checkListOf(
    checkBy((port) =>
      Number.isInteger(port)
        ? undefined
        : { problem: 'it must be a port', advice: 'write a number, such as 80' },
    ),
    'write [80], or [] for any',
  ),
  isTls: checkBy(judgeBoolean),
  inherits: checkBy(judgeBoolean),
  // Whatever it is, it is only shown.
  place: () => [],
};

/** The check of a virtual host. */
export function checkHost(host: unknown, path: string): readonly Problem[] {
  const advice =
    "write { serverName: 'www.example.com', serverAlias: [], ports: [], isTls: false, inherits: true, place }";
  if (!isRecord(host)) return [stateProblem(path, host, { problem: 'it is no virtual host', advice })];
  const required = ['serverAlias', 'ports', 'isTls', 'inherits'];
  return checkFields(host, path, 'a virtual host', hostChecks, required);
}

function judgeName(name: unknown): Fault | undefined {
  return isString(name) ? undefined : { problem: 'it must be a name', advice: "write 'www.example.com'" };
}

const example = "{ order: 'allow,deny', allow: ['10.0.0.0/8'], deny: [] }";

/** The check of an access section. */
export function checkSection(
  section: unknown,
  path: string,
  hosts: readonly unknown[] | undefined,
): readonly Problem[] {
  if (!isRecord(section)) {
    const advice = `write { at: '/admin', rule: ${example} }`;
    return [stateProblem(path, section, { problem: 'it is no section', advice })];
  }
  const checks: Readonly<Record<string, Check>> = {
    at: checkBy(judgeAt),
    url: checkBy(judgeUrl),
    host: checkBy((host) => judgeHostOf(host, hosts)),
    rule: checkRule,
    by: checkBy(judgeWord(['require', 'order'])),
    satisfy: checkBy((satisfy) => judgeSatisfy(satisfy, section['by'])),
    place: () => [],
  };
  return checkFields(section, path, 'a section', checks, ['rule']);
}

function judgeUrl(url: unknown): Fault | undefined {
  if (isString(url)) return undefined;
  return isRegExp(url)
    ? judgeRegExp(url)
    : {
        problem: 'it must be a text or a RegExp',
        advice: "write what URLs begin with: 'balancer://app/admin'",
      };
}

function judgeSatisfy(satisfy: unknown, by: unknown): Fault | undefined {
  if (by !== 'order') return { problem: "only sections by 'order' have it", advice: 'leave it out' };
  return judgeWord(['all', 'any'])(satisfy);
}

const checkAddresses = checkListOf(checkBy(judgeAddress), "write ['10.0.0.0/8'], or [] for nobody");

const ruleChecks: Readonly<Record<string, Check>> = {
  order: checkBy(judgeWord(['deny,allow', 'allow,deny'])),
  allow: checkAddresses,
  deny: checkAddresses,
};

function checkRule(rule: unknown, path: string): readonly Problem[] {
  return isRecord(rule)
    ? checkFields(rule, path, 'a rule', ruleChecks, ['order', 'allow', 'deny'])
    : [stateProblem(path, rule, { problem: 'it is no rule', advice: `write ${example}` })];
}

function judgeAddress(entry: unknown): Fault | undefined {
  if (isString(entry) && (entry === 'all' || entry === 'local' || readSubnet(entry))) return undefined;
  const advice = "write 'all', 'local', '10.1.2.3', '10.1', '10.0.0.0/8' or '2001:db8::/32'";
  return { problem: 'it is no address', advice };
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
