import { isArray, quote } from './describe.ts';
import { isString } from './judges.ts';
import { checkBy, stateProblem, type Check, type Fault } from './problem.ts';

/** The check of `upgrade`: protocols, or none. */
export const checkUpgrade: Check = (value, path) => {
  if (value === false) return [];
  if (value === true) {
    return [
      stateProblem(path, value, {
        problem: 'it must name the protocols',
        advice: "write 'websocket', or leave it out",
      }),
    ];
  }
  if (isArray(value))
    return value.flatMap((protocol, i) => checkBy(judgeProtocol)(protocol, `${path}[${i}]`));
  return checkBy(judgeProtocol)(value, path);
};

// RFC 9110 7.8: a token, and a version if it has one.
function judgeProtocol(value: unknown): Fault | undefined {
  if (isString(value) && /^none$/i.test(value))
    return { problem: 'no protocol has that name', advice: 'write false' };
  const protocols = isString(value) ? value.split(/[\s,]+/).filter((protocol) => protocol !== '') : [];
  if (protocols.length > 1) {
    return { problem: 'several protocols are a list', advice: `write [${protocols.map(quote).join(', ')}]` };
  }
  if (isString(value) && /^[\w!#$%&'*+.^`|~-]+(\/[\w!#$%&'*+.^`|~-]+)?$/.test(value)) return undefined;
  return {
    problem: "it must be a protocol's name",
    advice: "write 'websocket', a list of names, 'ANY' or false",
  };
}
