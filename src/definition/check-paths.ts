import { isArray, isRegExp, quote } from './describe.ts';
import { checkList, checkTable, isFlag, isString, judgeBoolean, judgeEither, judgeRegExp } from './judges.ts';
import { parseMemberUrl } from './member-url.ts';
import { checkBy, isFault, isOptions, type Check, type Fault, type Judge } from './problem.ts';

const checkPattern = checkBy(judgePattern);

/** The check of `exclude`: one pattern or several. */
export const checkExclude: Check = (value, path) =>
  isArray(value)
    ? value.flatMap((pattern, i) => checkPattern(pattern, `${path}[${i}]`))
    : checkPattern(value, path);

function judgePattern(value: unknown): Fault | undefined {
  if (typeof value === 'function') return undefined;
  if (isRegExp(value)) return judgeRegExp(value);
  const advice = "write a path such as '/health', a RegExp, or req => true";
  if (!isString(value)) return { problem: 'it is no pattern of paths', advice };
  if (!value.startsWith('/')) {
    const path = /^[\w.-]+(\/[\w./-]*)?$/.test(value) ? `write ${quote(`/${value}`)}` : advice;
    return { problem: 'a path begins with /', advice: path };
  }
  if (/[?#*]/.test(value)) {
    return {
      problem: 'it must be a path with everything below it, without ?, # or *',
      advice: 'write the path alone, or a RegExp',
    };
  }
  return undefined;
}

/** The check of `pathRewrite`: a function, or patterns and what to put for them. */
export const checkPathRewrite: Check = (value, path) =>
  typeof value === 'function'
    ? []
    : checkTable(judgePatternText, judgeReplacement, "write { '^/old': '/new' } or a function")(value, path);

function judgePatternText(value: unknown): Fault | undefined {
  try {
    new RegExp(String(value));
    return undefined;
  } catch {
    return { problem: 'its key is no regular expression', advice: "write one such as '^/old/'" };
  }
}

function judgeReplacement(value: unknown): Fault | undefined {
  return isString(value)
    ? undefined
    : { problem: 'it must be the text to put in', advice: "write a text such as '/new/'" };
}

/** The check of `proxypassreverse`: whether, or for which URLs more. */
export const checkProxypassreverse: Check = (value, path) =>
  isArray(value) || isString(value)
    ? checkList(judgeReverseUrl, "write ['http://old-name/']", isString)(value, path)
    : checkBy(judgeBoolean)(value, path);

function judgeReverseUrl(value: unknown): Fault | undefined {
  if (isString(value) && /^\/(?!\/)/.test(value)) return undefined;
  const address = parseMemberUrl(value);
  if (!isFault(address)) return undefined;
  return {
    problem: `a URL of the members: ${address.problem}`,
    advice: "write 'http://host:3000/base/' or '/base/'",
  };
}

/** The check of a table for cookies' attributes. */
export function checkReverseTable(attribute: 'domain' | 'path'): Check {
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
