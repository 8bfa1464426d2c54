import { describe } from '../../definition/describe.ts';
import { judgePattern } from './pcre/judge.ts';
import { parsePattern } from './pcre/parse.ts';
import { printPattern } from './pcre/print.ts';
import { catchRefusal, type PlacedFault } from './pcre/refusal.ts';

export type { PlacedFault } from './pcre/refusal.ts';

const longest = 4096;

/**
 * A pattern of httpd's (PCRE, with its default options: a dot matches line feeds too, and `$` the very end alone) as one
 * of JavaScript's with the same meaning and the same groups. `flags`: `i`, `m`, `s`, `x`, as in `(?i)`. Never throws.
 */
export function translatePcre(pattern: string, flags = ''): RegExp | PlacedFault {
  if (pattern.length > longest) {
    return {
      problem: `it has ${pattern.length} characters, of at most ${longest}`,
      advice: 'write a shorter pattern, or several rules',
    };
  }
  if (!/^[imsx]*$/.test(flags)) {
    return { problem: `there are no such flags: ${describe(flags)}`, advice: 'write i for no case' };
  }
  return catchRefusal(() => {
    const modes = { i: flags.includes('i'), m: flags.includes('m'), s: true, x: flags.includes('x') };
    const { branches, groups } = parsePattern(pattern, modes);
    judgePattern(branches);
    const { source, flags: printed } = printPattern(branches, groups);
    return compile(source, printed);
  });
}

/** V8 compiles at the first use; what it finds too large, it says then. */
function compile(source: string, flags: string): RegExp | PlacedFault {
  try {
    const compiled = new RegExp(source, flags);
    compiled.test('');
    return compiled;
  } catch {
    return { problem: 'it is too large', advice: 'write a simpler pattern, or several rules' };
  }
}
