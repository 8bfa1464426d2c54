import type { HcFunction, MemberParameters } from '../../definition/member-definition.ts';
import { isTrue } from './hc-expr/evaluate.ts';
import { parseExpression } from './hc-expr/parse.ts';
import { toPlainForm } from './hc-expr/plain-form.ts';
import { printFunction } from './hc-expr/print.ts';
import { createReader } from './pcre/reader.ts';
import { catchRefusal, type PlacedFault } from './pcre/refusal.ts';

type Expected = NonNullable<MemberParameters['hcexpect']>;

const longest = 4096;

const sources = new WeakMap<HcFunction, string>();

/** What was read from an expression, as source: `({ body }) => /ready/.test(body)`. Undefined: a function from elsewhere. */
export function sourceOf(expected: unknown): string | undefined {
  return typeof expected === 'function' ? sources.get(expected as HcFunction) : undefined;
}

/**
 * ProxyHCExpr's expression, with its braces or without, as `hcexpect`: statuses where it says nothing else, else a
 * function, whose source `sourceOf` tells. As in httpd, it takes the place of the test for 200 to 399. Never throws.
 */
export function readHcExpr(text: string): Expected | PlacedFault {
  if (text.length > longest) {
    return {
      problem: `it has ${text.length} characters, of at most ${longest}`,
      advice: 'write a function as hcexpect',
    };
  }
  const inner = /^\s*\{([^]*)\}\s*$/d.exec(text)?.indices?.[1] ?? ([0, text.length] as const);
  return catchRefusal(() => {
    const reader = createReader(text.slice(0, inner[1]));
    reader.at = inner[0];
    const condition = parseExpression(reader);
    const plain = toPlainForm(condition);
    if (plain) return plain;
    const isExpected: HcFunction = (answer) => isTrue(condition, answer);
    sources.set(isExpected, printFunction(condition));
    return isExpected;
  });
}
