import { isArray, quote } from './describe.ts';
import { checkList, checkTable, isFlag, isString, judgeBoolean, judgeEither } from './judges.ts';
import { parseMemberUrl } from './member-url.ts';
import { checkBy, isFault, isOptions, joinPath, stateProblem } from './problem.ts';
import type { Check, Fault, Judge, Options, Problem } from './problem.ts';

const tableExample = "{ 'http://host:3000/internal/': '/public/' }";

const checkUrls = checkList(judgeReverseUrl, "write ['http://old-name/']", isString);
const checkUrlTable = checkTable(judgeInternal, judgePublic, `write ${tableExample}`);

/** The check of `proxypassreverse`: whether, for which URLs more, or which URLs stand for which. */
export const checkProxypassreverse: Check = (value, path) => {
  if (isOptions(value)) return checkUrlTable(value, path);
  return isArray(value) || isString(value) ? checkUrls(value, path) : checkBy(judgeBoolean)(value, path);
};

function judgeReverseUrl(value: unknown): Fault | undefined {
  if (isString(value) && /^\/(?!\/)/.test(value)) return undefined;
  const address = parseMemberUrl(value);
  if (!isFault(address)) return undefined;
  return {
    problem: `a URL of the members: ${address.problem}`,
    advice: "write 'http://host:3000/base/' or '/base/'",
  };
}

/** Whether a text is a path from the root, as it can stand in a URL. */
function isPath(text: string): boolean {
  return /^(?:\/(?!\/)[!-~]*)?$/.test(text) && text !== '' && !/[?#\\]/.test(text);
}

function judgeInternal(value: unknown): Fault | undefined {
  const text = String(value);
  const [, name, sub] = /^balancer:\/\/([^/]*)(.*)$/is.exec(text) ?? [];
  if (name !== undefined && sub !== undefined) {
    if (name !== '' && (sub === '' || isPath(sub))) return undefined;
    return { problem: 'its key is no balancer', advice: "write 'balancer://name' or 'balancer://name/sub'" };
  }
  const problem = judgeUrlOrPath(text);
  if (problem === undefined) return undefined;
  return {
    problem: `its key is what members write: ${problem}`,
    advice: "write 'http://host:3000/internal/', '/internal' or 'balancer://name/sub'",
  };
}

function judgePublic(value: unknown): Fault | undefined {
  const problem = isString(value) ? judgeUrlOrPath(value) : 'it is no text';
  if (problem === undefined) return undefined;
  return {
    problem: `it is what clients ask for: ${problem}`,
    advice: "write a path from the root of the host such as '/public/', or 'https://host/public/'",
  };
}

function judgeUrlOrPath(text: string): string | undefined {
  if (text.startsWith('/')) {
    return isPath(text)
      ? undefined
      : 'a path begins with one / and has no blanks, controls, ?, # or \\ in it';
  }
  const address = parseMemberUrl(text);
  if (isFault(address)) return address.problem;
  return address.socketPath === undefined ? undefined : 'a socket is in no URL of an answer';
}

/** The check of a table for cookies' attributes. */
export function checkCookieTable(attribute: 'domain' | 'path'): Check {
  const [judgeKey, judgeValue, example]: [Judge, Judge, string] =
    attribute === 'path'
      ? [judgeCookiePath, judgeCookiePath, "{ '/internal': '/public' }"]
      : [judgeCookieDomain, judgeCookieValue, "{ 'internal.host': 'public.example' }"];
  const check = checkTable(judgeKey, judgeValue, `write true, false or ${example}`);
  return (value, path) => {
    if (isOptions(value)) return check(value, path);
    return checkBy(
      judgeEither(
        judgeBoolean,
        (given) => !isFlag(given),
        () => noTable(example),
      ),
    )(value, path);
  };
}

function noTable(example: string): Fault {
  return { problem: 'it must be true, false or a table of texts', advice: `write ${example}` };
}

function judgeCookiePath(value: unknown): Fault | undefined {
  if (isString(value) && /^\/[ -:<-~]*$/.test(value)) return undefined;
  return { problem: 'a path of cookies begins with / and has no ; in it', advice: "write it so: '/base'" };
}

function judgeCookieDomain(value: unknown): Fault | undefined {
  if (isString(value) && /^\.?[\w-]+(\.[\w-]+)*$/.test(value)) return undefined;
  return { problem: 'a domain has no scheme, port or path', advice: "write it so: 'app.internal'" };
}

// Nothing: the attribute is taken away.
function judgeCookieValue(value: unknown): Fault | undefined {
  return value === '' ? undefined : judgeCookieDomain(value);
}

/** What `proxypassreverse` says together with `name` and `compat`. */
export function checkReverse(definition: Options): readonly Problem[] {
  const { proxypassreverse: given, name = 'balancer', compat } = definition;
  if (compat === 'httpd' && isArray(given) && given.length > 0) {
    const problem = "with compat: 'httpd' every URL says what it stands for";
    return [stateProblem('proxypassreverse', given, { problem, advice: `write ${tableExample}` })];
  }
  if (!isOptions(given) || !isString(name)) return [];
  return Object.entries(given).flatMap(([key, value]) => {
    const other = /^balancer:\/\/([^/]+)/i.exec(key)?.[1];
    if (other === undefined || other.toLowerCase() === name.toLowerCase()) return [];
    const advice = `write ${quote(`balancer://${name}${key.slice('balancer://'.length + other.length)}`)}, or the URLs of its members`;
    const problem = `this balancer is called ${quote(name)}`;
    return [stateProblem(joinPath('proxypassreverse', key), value, { problem, advice })];
  });
}
