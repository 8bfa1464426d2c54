import { isString, judgeToken, refuseNonOptions } from './judges.ts';
import { isOptions, joinPath, stateSecretProblem, type Check, type Fault, type Problem } from './problem.ts';

/** What says how a message is carried is written by who carries it. */
const carrying = new Set(['connection', 'content-length', 'transfer-encoding', 'expect', 'upgrade']);

/** The check of `hcheaders`: fields and their values, of which any may be a secret. */
export const checkHeaders: Check = (value, path) => {
  if (!isOptions(value)) return refuseNonOptions(value, path, "write { Host: 'app.internal' }");
  const names = Object.keys(value);
  return Object.entries(value).flatMap(([name, text], i): Problem[] => {
    const fault = judgeName(name) ?? judgeTwice(name, names.slice(0, i)) ?? judgeValue(name, text);
    return fault ? [stateSecretProblem(joinPath(path, name), text, fault)] : [];
  });
};

function judgeName(name: string): Fault | undefined {
  const fault = judgeToken("a field's name", "one such as 'Host'")(name);
  if (fault) return fault;
  if (!carrying.has(name.toLowerCase())) return undefined;
  return { problem: 'it says how a check is carried', advice: 'leave it out' };
}

function judgeTwice(name: string, before: readonly string[]): Fault | undefined {
  const first = before.find((other) => other.toLowerCase() === name.toLowerCase());
  return first === undefined
    ? undefined
    : { problem: `${first} is the same field`, advice: 'leave one of them out' };
}

function judgeValue(name: string, value: unknown): Fault | undefined {
  if (!isString(value)) return { problem: 'it must be a text', advice: "write it in quotes: 'x'" };
  // RFC 9110 5.5.
  if (!/^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(value))
    return {
      problem: 'it has letters in it that no field carries',
      advice: 'take control characters and the like out',
    };
  if (name.toLowerCase() !== 'host' || /^[^\s/?#@\\,]+$/.test(value)) return undefined;
  return {
    problem: 'it must be a host, with its port if it has one',
    advice: "write it so: 'app.internal:8080'",
  };
}
