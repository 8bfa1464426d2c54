import { isFields } from '../../request/form.ts';
import { DefinitionError } from '../../definition/problem.ts';
import type { ToldError } from '../answers.ts';
import type { Refused } from './look.ts';

/** Fields of a form, by name. */
export type Fields = Readonly<Record<string, string>>;

/** What of a body are fields of a form. */
export function readFields(body: unknown): Fields {
  if (!isFields(body)) return {};
  const entries = Object.entries(body);
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/**
 * What a form asks for. A box without its check sends nothing, and is off where it was on; which form of the page it was
 * is no part of it.
 */
export function completeFields({ form: _form, ...fields }: Fields): Fields {
  const cleared = Object.entries(fields)
    .filter(([name, value]) => name.startsWith('was.') && value === 'on')
    .map(([name]) => [name.slice('was.'.length), 'off'] as const);
  return { ...Object.fromEntries(cleared), ...fields };
}

/** A form that was refused, as it was filled in. The token is not shown again: there is a new one. */
export function readRefused({ token: _token, form = '', ...fields }: Fields, error: ToldError): Refused {
  const problems = error instanceof DefinitionError ? error.problems : [];
  return { form, fields, faulty: new Set(problems.map(({ path }) => findField(path))) };
}

/** The field that `member.url` or `failonstatus[0]` is about. */
function findField(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1).replace(/\[.*$/, '');
}
