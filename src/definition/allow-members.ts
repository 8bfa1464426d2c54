import { types } from 'node:util';
import { isArray, quote } from './describe.ts';
import { isString } from './judges.ts';
import { DefinitionError, isFault, stateProblem, type Check, type Fault } from './problem.ts';

/** Whether a server may be added. */
export type AllowMembers = (url: URL) => boolean;

/** A host as `allowMembers` writes it. */
type Pattern = Readonly<{ isWild: boolean; host: string; port: string | undefined }>;

const example =
  "write hosts such as 'app3.internal', '*.internal' or '10.0.0.5:3000', or a function (url) => true";

/** The check of the option. */
export const checkAllowMembers: Check = (value, path) => {
  if (value === undefined || typeof value === 'function') return [];
  if (!isArray(value)) {
    const advice = isString(value) ? `write [${quote(value)}]` : example;
    return [stateProblem(path, value, { problem: 'it must be a list of hosts, or a function', advice })];
  }
  return value.flatMap((element, index) => {
    const pattern = parsePattern(element);
    return isFault(pattern) ? [stateProblem(`${path}[${index}]`, element, pattern)] : [];
  });
};

/**
 * Makes the option ready to ask. A function that throws, or answers anything but true, refuses; `fail` is told why.
 *
 * @throws {DefinitionError} when the option is wrong.
 */
export function compileAllowMembers(
  option: unknown,
  fail: (problem: unknown) => void = () => undefined,
): AllowMembers {
  const problems = checkAllowMembers(option, 'allowMembers');
  if (problems.length > 0) throw new DefinitionError(problems, 'What the manager is created from');
  if (option === undefined) return () => true;
  if (typeof option === 'function') return askFunction(option as (url: URL) => unknown, fail);
  const patterns = (option as readonly string[]).map(parsePattern) as readonly Pattern[];
  return (url) => patterns.some((pattern) => fits(pattern, url));
}

function askFunction(ask: (url: URL) => unknown, fail: (problem: unknown) => void): AllowMembers {
  return (url) => {
    try {
      // One of its own, which it may change.
      const answer = ask(new URL(url.href));
      if (types.isPromise(answer)) {
        answer.catch(() => undefined);
        fail(new TypeError('allowMembers returns a promise: write a function that answers at once'));
      }
      return answer === true;
    } catch (error) {
      fail(error);
      return false;
    }
  };
}

function fits({ isWild, host, port }: Pattern, url: URL): boolean {
  const asked = trimHost(url.hostname);
  if (port !== undefined && port !== portOf(url)) return false;
  return isWild ? asked.endsWith(`.${host}`) : asked === host;
}

function portOf({ port, protocol }: URL): string {
  return port || (protocol === 'https:' ? '443' : '80');
}

/** With the dot at its end, a name is the same one. */
function trimHost(host: string): string {
  return host.replace(/\.$/, '');
}

function parsePattern(value: unknown): Pattern | Fault {
  if (!isString(value)) return { problem: 'it is no host', advice: example };
  if (value === '') return { problem: 'it is empty', advice: example };
  const scheme = /^[a-z][a-z\d+.-]*:\/\//i.exec(value)?.[0];
  if (scheme !== undefined) {
    const rest = value.slice(scheme.length).replace(/[/?#].*$/s, '');
    const advice = rest === '' || rest.includes('@') ? example : `write ${quote(rest)}`;
    return { problem: 'it is a URL, and a host decides', advice };
  }
  if (value === '*') return { problem: 'it would be every host', advice: 'leave allowMembers out for that' };
  const isWild = value.startsWith('*.');
  const rest = isWild ? value.slice(2) : value;
  if (rest.includes('*')) {
    return { problem: 'a * stands for whole names in front', advice: "write '*.internal', say" };
  }
  return parseHost(rest, isWild);
}

function parseHost(text: string, isWild: boolean): Pattern | Fault {
  const wrong = { problem: 'it is no host', advice: example };
  if (/[\s/?#@\\%|]/.test(text)) return wrong;
  const isBareV6 = (text.match(/:/g) ?? []).length > 1 && !text.startsWith('[');
  const [, name, port] = isBareV6 ? ['', `[${text}]`] : (/^(\[.*\]|[^:]*)(?::(\d{1,5}))?$/.exec(text) ?? []);
  if (!name) return wrong;
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) {
    return { problem: 'there is no such port', advice: 'write 1 to 65535, or leave it out for any' };
  }
  try {
    // As URLs write it: in lower case, addresses in one form.
    const host = trimHost(new URL(`http://${name}/`).hostname);
    const isAddress = host.startsWith('[') || /^[\d.]+$/.test(host);
    if (isWild && isAddress)
      return { problem: 'an address has no names in front', advice: 'write each address' };
    return host === ''
      ? wrong
      : { isWild, host, port: port === undefined ? undefined : String(Number(port)) };
  } catch {
    return wrong;
  }
}
