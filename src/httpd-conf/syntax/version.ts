import type { Fault } from '../../definition/problem.ts';

/** The httpd that configurations are read as. */
const version = [2, 4, 99] as const;

/** What an `<IfVersion>` asks: `[[!]operator] version`. `~`, and `=` with slashes, match the whole version with a pattern. */
export function fitsVersion(words: readonly string[]): boolean | Fault {
  const [operator, wanted] = words.length === 1 ? ['=', words[0]!] : [words[0]!, words[1]!];
  const [, not, sign] = /^(!?)(==?|<=?|>=?|~)?$/.exec(operator) ?? [];
  if (not === undefined || sign === undefined) {
    return {
      problem: `${operator} is no operator`,
      advice: 'write =, <, <=, >, >= or ~, each with or without a ! before it',
    };
  }
  const fits = compare(sign, wanted);
  return typeof fits === 'boolean' ? fits !== (not === '!') : fits;
}

function compare(sign: string, wanted: string): boolean | Fault {
  if (sign === '~') return matches(wanted);
  if (sign.startsWith('=') && wanted.startsWith('/')) {
    if (wanted.length > 1 && wanted.endsWith('/')) return matches(wanted.slice(1, -1));
    return { problem: 'the pattern is not closed', advice: 'write it between slashes: /^2\\.4/' };
  }
  if (!/^\d{1,6}(?:\.\d{0,6}){0,2}$/.test(wanted)) {
    const [, , sign, rest] = /^(!?)([=<>~]+)(.+)$/.exec(wanted) ?? [];
    if (sign !== undefined) {
      return { problem: `${wanted} is no version`, advice: `write a blank between: ${sign} ${rest}` };
    }
    return {
      problem: `${wanted} is no version`,
      advice: 'write major, minor and patch as numbers: 2.4 or 2.4.10',
    };
  }
  const parts = wanted.split('.').map(Number);
  const first = version.findIndex((part, i) => part !== (parts[i] ?? 0));
  const order = first === -1 ? 0 : Math.sign(version[first]! - (parts[first] ?? 0));
  return (
    (order === 0 && sign.includes('=')) ||
    (order < 0 && sign.includes('<')) ||
    (order > 0 && sign.includes('>'))
  );
}

/** What is asked of a version; no more, since a pattern can be made to take for ever. */
const simplePattern = /^(?!.*\)[*+])[^{]{1,40}$/;

function matches(pattern: string): boolean | Fault {
  if (!simplePattern.test(pattern)) {
    return {
      problem: 'the pattern is not a simple one',
      advice: 'write one like ^2\\.4, or compare with >= and <',
    };
  }
  try {
    return new RegExp(pattern).test(version.join('.'));
  } catch {
    return { problem: 'the pattern cannot be read', advice: 'write a regular expression: ^2\\.4' };
  }
}
