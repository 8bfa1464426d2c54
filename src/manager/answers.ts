import type { ServerResponse } from 'node:http';
import { DefinitionError, type Problem } from '../definition/problem.ts';
import { ManagerError, type Answer } from './route.ts';

/** A failure that the asker is told of. */
export type ToldError = ManagerError | DefinitionError;

/** Whether a failure may be told to the asker; whatever else goes wrong is the app's to know. */
export function isTold(error: unknown): error is ToldError {
  return error instanceof ManagerError || error instanceof DefinitionError;
}

/** The status of a failure that the asker is told of. */
export function statusOf(error: ToldError): number {
  return error instanceof ManagerError ? error.status : 422;
}

/** The same failure, each of its problems in other words. */
export function retell(error: ToldError, reword: (problem: Problem) => Problem): ToldError {
  if (!(error instanceof DefinitionError)) return error;
  const [sentence = ''] = error.message.split(/ is wrong:$/m, 1);
  return new DefinitionError(error.problems.map(reword), sentence);
}

/** Answers with JSON: what is undefined is left out. */
export function answerJson(
  value: object,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return { status, type: 'application/json; charset=utf-8', body: `${JSON.stringify(value)}\n`, headers };
}

/** A failure as JSON: `{ "error": { "code", "message", "problems"? } }`. */
export function answerWithJson(error: ToldError): Answer {
  const { code, message } = error;
  const told =
    error instanceof DefinitionError ? { code, message, problems: error.problems } : { code, message };
  return answerJson({ error: told }, statusOf(error));
}

/** A failure as a line of text, for those who have not come in. */
export function answerWithText(error: ManagerError, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status: error.status,
    type: 'text/plain; charset=utf-8',
    body: `${error.message}\n`,
    headers,
  };
}

/** Sends an answer, without its body for HEAD. */
export function sendAnswer(res: ServerResponse, answer: Answer, isHead: boolean): void {
  if ('stream' in answer) {
    if (isHead) res.end();
    else answer.stream(res);
    return;
  }
  const { status, type, body, headers = {} } = answer;
  const bytes = Buffer.from(body);
  res.statusCode = status;
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  // RFC 9110 15.4.5: not of what the client has already.
  if (status !== 304) {
    res.setHeader('Content-Type', type);
    res.setHeader('Content-Length', bytes.length);
  }
  if (isHead || status === 304) res.end();
  else res.end(bytes);
}
