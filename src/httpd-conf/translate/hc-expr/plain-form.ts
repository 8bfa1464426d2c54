import { checkExpectation } from '../../../definition/check-hcexpect.ts';
import type { HcExpectation } from '../../../definition/member-definition.ts';
import type { Condition, Word } from './tree.ts';

/**
 * A condition without a function: statuses, or statuses and a pattern for the body. A pattern alone would also want
 * 200 to 399, which httpd's expression does not: it takes the place of that test.
 */
export function toPlainForm(condition: Condition): readonly number[] | HcExpectation | undefined {
  const plain = listStatuses(condition) ?? toPair(condition);
  if (plain === undefined) return undefined;
  // What the definition would refuse, a function may still say: a status of 100 to 199.
  const isList = Array.isArray(plain);
  const options: unknown = isList ? plain : Object.assign(Object.create(null) as object, plain);
  return checkExpectation(options, '').length === 0 ? plain : undefined;
}

/** The statuses that it is true of, if it is of nothing else. */
function listStatuses(condition: Condition): readonly number[] | undefined {
  if (condition.kind === 'any') {
    const lists = condition.conditions.map(listStatuses);
    return lists.every((list) => list !== undefined) ? [...new Set(lists.flat())] : undefined;
  }
  if (condition.kind === 'listed' && condition.word.kind === 'status') {
    const codes = condition.words.map(readCode);
    return codes.every((code) => code !== undefined) ? [...new Set(codes)] : undefined;
  }
  if (condition.kind !== 'compare' || condition.is !== '==') return undefined;
  const { left, right } = condition;
  const code =
    left.kind === 'status' ? readCode(right) : right.kind === 'status' ? readCode(left) : undefined;
  return code === undefined ? undefined : [code];
}

function readCode(word: Word): number | undefined {
  return word.kind === 'literal' && /^[1-5]\d\d$/.test(word.text) ? Number(word.text) : undefined;
}

function toPair(condition: Condition): HcExpectation | undefined {
  if (condition.kind !== 'all' || condition.conditions.length !== 2) return undefined;
  const statuses = condition.conditions.map(listStatuses).find((list) => list !== undefined);
  const body = condition.conditions.find((each) => each.kind === 'match' && each.word.kind === 'body');
  return statuses && body?.kind === 'match' ? { status: statuses, body: body.pattern } : undefined;
}
