import type { HcAnswer } from '../../../definition/member-definition.ts';
import { noWords, type Comparison, type Condition, type Word } from './tree.ts';

/** Whether a condition is true of an answer. */
export function isTrue(condition: Condition, answer: HcAnswer): boolean {
  switch (condition.kind) {
    case 'constant':
      return condition.value;
    case 'not':
      return !isTrue(condition.condition, answer);
    case 'all':
      return condition.conditions.every((each) => isTrue(each, answer));
    case 'any':
      return condition.conditions.some((each) => isTrue(each, answer));
    case 'compare': {
      const [left, right] = [spell(condition.left, answer), spell(condition.right, answer)];
      return condition.as === 'text'
        ? holds(condition.is, left, right)
        : holds(condition.is, toInteger(left), toInteger(right));
    }
    case 'match':
      return condition.pattern.test(spell(condition.word, answer));
    case 'listed': {
      const text = spell(condition.word, answer);
      return condition.words.some((each) => spell(each, answer) === text);
    }
    case 'yes':
      return !noWords.test(spell(condition.word, answer));
  }
}

/** What a word is in an answer. What is not there is empty. */
function spell(word: Word, answer: HcAnswer): string {
  switch (word.kind) {
    case 'literal':
      return word.text;
    case 'status':
      return String(answer.status);
    case 'body':
      return answer.body;
    case 'header': {
      const value = answer.headers[word.name];
      // httpd sees the first line of a name; Node keeps lines apart in Set-Cookie alone.
      return word.name === 'set-cookie' ? ([value].flat()[0] ?? '') : String(value ?? '');
    }
    case 'joined':
      return word.words.map((each) => spell(each, answer)).join('');
    case 'cased': {
      const text = spell(word.word, answer);
      return word.to === 'lower' ? text.toLowerCase() : text.toUpperCase();
    }
  }
}

/** As C's atoi: the number that it begins with, or 0. */
export function toInteger(text: string): number {
  return Number.parseInt(text, 10) || 0;
}

function holds<T extends string | number>(is: Comparison, left: T, right: T): boolean {
  switch (is) {
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
  }
}
