import type { Answer } from '../route.ts';

/** Answers with JSON: what is undefined is left out. */
export function answerJson(
  value: object,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return { status, type: 'application/json; charset=utf-8', body: `${JSON.stringify(value)}\n`, headers };
}
