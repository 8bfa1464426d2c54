import { isArray, isRegExp, quote } from './describe.ts';
import { checkTable, isString, judgeRegExp } from './judges.ts';
import { checkBy, type Check, type Fault } from './problem.ts';

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
