import type { Problem } from '../../definition/problem.ts';
import { balancerGroups, memberFlags } from './fields.ts';

/** Options that are boxes to check: there is nothing to leave empty. */
const boxes: ReadonlySet<string> = new Set([
  ...memberFlags.map(({ name }) => name),
  ...balancerGroups
    .flatMap(({ fields }) => fields)
    .filter(({ input }) => input.kind === 'flag')
    .map(({ name }) => name),
]);

/** What is written as code: a program's advice, and what one does in the page instead. The first that fits holds. */
const deeds: readonly (readonly [advice: RegExp, instead: string])[] = [
  [/^write balancer\.drain\(name, \{ deadline: … \}\)$/, 'press Drain, or leave the field empty'],
  [/^write balancer\.change\('.*', …\)$/, 'change that member in its own form'],
  [/^write balancer\.change\(member, …\) or .*$/, 'set it in the form of each member'],
  [/^write balancer\.change\(member, \{ (\w+): … \}\) or .*$/, 'set $1 in the form of each member'],
  [/^write balancer\.change\(member, \{ (\w+): … \}\)$/, 'set $1 in the form of a member'],
  [/^write balancer\.configure\(\{ (\w+): … \}\)$/, 'set $1 in the settings of the balancer'],
  [/^write balancer\.add\(…\) or .*$/, 'add a member by the form for it, or press Remove at one'],
  [/^add it by balancer\.add$/, 'only the program can add it'],
  [/^set it by the program, or write null$/, 'only the program can set it; leave the field empty'],
  [/^write \{ url, route: .* \} for the members$/, 'give the members routes first'],
  [/^.*(?:\bbalancer\.\w+\(|\{ ).*$/, 'it stands in the program’s definition, and cannot be set here'],
];

/** Words of code within an advice, and what they are in a form; one after the other. */
const words: readonly (readonly [code: RegExp, instead: string])[] = [
  [/\bor a function$/, ''],
  [/\bin quotes: /, ''],
  [/\bwrite it so: /, 'write '],
  [/\bwrite max on a member or in memberDefaults\b/, 'set max of a member'],
  [/\ba list of statuses\b/, 'statuses'],
  [/\ba text like\b/, 'a time like'],
  [/, or false where\b/, ', or off where'],
  [/\bor status: 'N'/, 'or check drain'],
  [/\bor status: 'H' on\b/, 'or check hotStandby of'],
  [/\bwrite null for ([^,]+), or /, 'leave the field empty for $1, or write '],
  [/\bwrite null\b/, 'leave the field empty'],
  [/\bleave it out\b/, 'leave the field empty'],
  [/(?:\bwrite (?:it in )?)?\b(\w+): ('[^']*'|\d+)/, 'set $1 to $2'],
  [/\[([^\]]*)\]/, '$1'],
];

// An apostrophe within a word is none of them; nor are those around a lone sign, which would be lost without.
const quoted = /(?<=^|[\s([])'((?:[^'\\]|\\.){2,}|\w)'(?=$|[\s,;:.)\]])/g;

/** A problem with a change, as a form tells it. */
export function rewordForForms(problem: Problem): Problem {
  const given = problem.given === 'null' ? 'empty' : problem.given;
  return { ...problem, given, advice: adviseForForms(problem.advice) };
}

/** What a program is advised to write, as one does it in a form of the page. */
export function adviseForForms(advice: string): string {
  const deed = deeds.find(([code]) => code.test(advice));
  if (deed) return advice.replace(...deed);
  return words
    .reduce(
      (text, [code, instead]) => text.replace(code, instead),
      advice.replace(/\bwrite (\w+): null too\b/, (_all, name: string) =>
        boxes.has(name) ? `uncheck ${name} too` : `leave ${name} empty too`,
      ),
    )
    .replace(quoted, '$1')
    .trim();
}
