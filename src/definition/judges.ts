import { describe, isArray, printRegExp, quote, unreadable } from './describe.ts';
import { parseDuration, type DurationRule } from './duration.ts';
import {
  checkBy,
  isFault,
  isOptions,
  joinPath,
  stateProblem,
  type Check,
  type Fault,
  type Judge,
} from './problem.ts';

/** RFC 9110 5.6.2: the letters of a field name, a method, a cookie's name. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

// eslint-disable-next-line no-control-regex -- control characters are what it is about.
const control = /[\u0000-\u001f\u007f]/;

/** True or false. */
export const judgeBoolean: Judge = (value) => {
  if (typeof value === 'boolean') return undefined;
  const word = typeof value === 'string' ? value.trim().toLowerCase() : value;
  const problem = 'it must be true or false';
  if (word === 'on' || word === 'true' || word === 'yes' || word === 1)
    return { problem, advice: 'write true' };
  if (word === 'off' || word === 'false' || word === 'no' || word === 0)
    return { problem, advice: 'write false' };
  return { problem, advice: 'write true or false' };
};

/** A number within bounds. `what` completes "it must be …". */
export function judgeNumber(what: string, { min, max = Infinity, whole }: NumberBounds): Judge {
  const fits = (value: unknown): value is number =>
    typeof value === 'number' && value >= min && value <= max && (!whole || Number.isSafeInteger(value));
  return (value) => {
    if (fits(value)) return undefined;
    const number =
      typeof value === 'string' && /^\d{1,15}(\.\d{1,9})?$/.test(value.trim()) ? Number(value) : undefined;
    const range = `${whole ? 'a whole number' : 'a number'} from ${min} ${max === Infinity ? 'up' : `to ${max}`}`;
    return { problem: `it must be ${what}`, advice: `write ${fits(number) ? number : range}` };
  };
}

type NumberBounds = Readonly<{ min: number; max?: number; whole: boolean }>;

/** A duration, in seconds as httpd counts most of them. */
export function judgeDuration(zero: DurationRule['zero'], unit: DurationRule['unit'] = 's'): Judge {
  return (value) => {
    const ms = parseDuration(value, { unit, zero });
    return isFault(ms) ? ms : undefined;
  };
}

/** A share: above 0, and up to 1. */
export const judgeShare: Judge = (value) => {
  if (typeof value === 'number' && value > 0 && value <= 1) return undefined;
  const text = typeof value === 'string' ? /^(\d{1,3})\s*%?$/.exec(value.trim())?.[1] : undefined;
  const percent = text === undefined ? value : Number(text);
  const isPercent = Number.isInteger(percent) && Number(percent) > 1 && Number(percent) <= 100;
  return {
    problem: 'it must be a share',
    advice: isPercent
      ? `write ${Number(percent) / 100} for ${Number(percent)} %`
      : 'write a number above 0 and up to 1',
  };
};

/** A text with something in it and no control characters. */
export function judgeText(what: string, example: string): Judge {
  return (value) => {
    const advice = `write ${example}`;
    if (typeof value !== 'string') return { problem: `it must be ${what}`, advice };
    if (value === '')
      return { problem: `it must be ${what}, and is empty`, advice: `leave it out, or ${advice}` };
    return control.test(value) ? { problem: 'it has a control character in it', advice } : undefined;
  };
}

/** A token of RFC 9110. */
export function judgeToken(what: string, example: string): Judge {
  return (value) =>
    typeof value === 'string' && token.test(value)
      ? undefined
      : { problem: `it must be ${what}: letters, digits and !#$%&'*+-.^_\`|~`, advice: `write ${example}` };
}

/** One of a few words. */
export function judgeWord(words: readonly string[]): Judge {
  return (value) => {
    if (typeof value === 'string' && words.includes(value)) return undefined;
    const right =
      typeof value === 'string' && words.find((word) => word.toLowerCase() === value.trim().toLowerCase());
    const all = words.map(quote);
    const last = all.pop()!;
    const advice = right ? quote(right) : all.length === 0 ? last : `${all.join(', ')} or ${last}`;
    return { problem: 'there is no such value', advice: `write ${advice}` };
  };
}

/** What passes either, with the complaint of the first or, for a value of its kind, of the second. */
export function judgeEither(first: Judge, isSecond: (value: unknown) => boolean, second: Judge): Judge {
  return (value) => (isSecond(value) ? second(value) : first(value));
}

/** A pattern whose use leaves no trace. */
export function judgeRegExp(value: RegExp): Fault | undefined {
  const text = printRegExp(value);
  const end = text.lastIndexOf('/') + 1;
  const flags = text.slice(end).replace(/[gy]/g, '');
  return flags.length === text.length - end
    ? undefined
    : {
        problem:
          'with the flag g or y a pattern remembers where it matched last, so every other request would miss',
        advice: `write ${text.slice(0, end)}${flags}`,
      };
}

/** The source of a pattern, as a file says it: no literal, so that slashes around it can only be a mistake. */
export function judgePatternSource(text: string): Fault | undefined {
  const example = "'!(.*)$'";
  if (text === '') return { problem: 'it is empty, and would match everything', advice: 'leave it out' };
  const [, source, flags] = /^\/(.+)\/([a-z]*)$/s.exec(text) ?? [];
  if (source !== undefined) {
    const advice = flags === '' ? `write ${quote(source)}` : `write the RegExp itself, without the quotes`;
    return { problem: 'a text is what stands between the slashes', advice };
  }
  try {
    new RegExp(text);
    return undefined;
  } catch {
    return {
      problem: 'it is no regular expression',
      advice: `write a RegExp, or its source such as ${example}`,
    };
  }
}

/** A list whose every element passes; `isOne` tells a lone element, which is then told how to become a list. */
export function checkList(judgeElement: Judge, advice: string, isOne: (value: unknown) => boolean): Check {
  const checkElement = checkBy(judgeElement);
  return (value, path) => {
    if (isArray(value)) return value.flatMap((element, i) => checkElement(element, `${path}[${i}]`));
    const list = isOne(value) ? `write [${describe(value)}]` : advice;
    return [stateProblem(path, value, { problem: 'it must be a list', advice: list })];
  };
}

/** A record of texts: every key and every value by its own judge. */
export function checkTable(judgeKey: Judge, judgeValue: Judge, advice: string): Check {
  const checkValue = checkBy(judgeValue);
  return (value, path) => {
    if (!isOptions(value))
      return [stateProblem(path, value, { problem: 'it must be a table of texts', advice })];
    return Object.entries(value).flatMap(([key, text]) => {
      const at = joinPath(path, key);
      const fault = judgeKey(key);
      return fault ? [stateProblem(at, text, fault)] : checkValue(text, at);
    });
  };
}

/** The complaint about what should be a record of options and is none. */
export function refuseNonOptions(value: unknown, path: string, advice: string): ReturnType<Check> {
  return [
    stateProblem(path, value, {
      problem: value === unreadable ? 'reading it throws' : 'it must be a record of options',
      advice,
    }),
  ];
}

export function isString(value: unknown): value is string {
  return typeof value === 'string';
}

/** Whether a value is a boolean, or httpd's or anybody's word for one. */
export function isFlag(value: unknown): boolean {
  return typeof value === 'boolean' || (isString(value) && /^(on|off|true|false|yes|no)$/i.test(value));
}
