import { checkBy, isOptions, joinPath, stateProblem } from './problem.ts';
import type { Check, Fault, Options, Problem } from './problem.ts';
import { isString, judgeNumber, judgeToken } from './judges.ts';
import { checkUnknownIn } from './unknown-options.ts';

const forms = "write 'ip', { header: 'x-user' }, { cookie: 'user' } or (req: Request) => req.user?.id";

/** The check of `hashKey` by itself. */
export const checkHashKey: Check = (value, path) => {
  if (typeof value === 'function') return [];
  if (!isOptions(value)) return checkBy(judgeWord)(value, path);
  const given = Object.entries(value).filter(([, text]) => text !== undefined);
  const problems = given.flatMap(([name, text]) => {
    const at = joinPath(path, name);
    if (name === 'header') return checkBy(judgeToken("a field's name", "one such as 'x-user'"))(text, at);
    if (name === 'cookie') return checkBy(judgeToken("a cookie's name", "one such as 'user'"))(text, at);
    return checkUnknownIn('hashKey')(name, text, at);
  });
  if (problems.length > 0 || given.length === 1) return problems;
  return [stateProblem(path, value, { problem: 'it must be one thing', advice: forms })];
};

function judgeWord(value: unknown): Fault | undefined {
  if (value === 'ip') return undefined;
  const isAddress =
    isString(value) && /^(req\.)?(ip|source|src|remote_?addr|client_?ip|ip_?hash)$/i.test(value.trim());
  return { problem: 'there is no such key', advice: isAddress ? "write 'ip'" : forms };
}

/** The check of `hashBalance` by itself. */
export const checkHashBalance: Check = checkBy((value) => {
  if (value === false) return undefined;
  const fault = judgeNumber('a factor, or false', { min: 1, max: 100, whole: false })(value);
  // HAProxy's hash-balance-factor is in percent.
  return fault && typeof value === 'number' && value > 100 && value < 10_000
    ? { problem: 'it must be a factor', advice: `write ${value / 100} for ${value} %` }
    : fault;
});

/** Options of byhash where another method chooses. */
export function checkHashing(definition: Options): readonly Problem[] {
  if (definition['lbmethod'] === 'byhash') return [];
  return ['hashKey', 'hashBalance']
    .filter((option) => definition[option] !== undefined)
    .map((option) => {
      const fault = { problem: 'it is for byhash', advice: "write lbmethod: 'byhash' too, or leave it out" };
      return stateProblem(option, definition[option], fault);
    });
}
