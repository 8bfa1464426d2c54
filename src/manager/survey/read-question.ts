import { METHODS, validateHeaderName, validateHeaderValue } from 'node:http';
import { isIP } from 'node:net';
import { isString, judgeWord } from '../../definition/judges.ts';
import {
  checkBy,
  DefinitionError,
  joinPath,
  stateProblem,
  stateSecretProblem,
  type Judge,
  type Options,
  type Problem,
} from '../../definition/problem.ts';
import { findNearest } from '../../definition/spelling.ts';
import { copyJson, isRecord } from '../../changes/copy-json.ts';
import type { MadeUp } from './made-up-request.ts';

/** Where would this request go? */
export type Question = MadeUp & Readonly<{ balancer: string }>;

const names = ['balancer', 'path', 'cookie', 'method', 'headers', 'address'];

const longestPath = 2_000;
const mostHeaders = 50;
const longestHeaders = 16_384;

// eslint-disable-next-line no-control-regex -- control characters are what it is about.
const control = /[\u0000-\u001f\u007f]/;

/** What Node has no request for: CONNECT comes as an event of its own. */
const methods = METHODS.filter((method) => method !== 'CONNECT');

/**
 * Reads the question where a request would go: a record of `balancer`, `path` and, where they matter, `cookie`, `method`,
 * `headers` and `address`; what is empty is as good as left out. `host`: what it is asked for, unless `headers` say so.
 *
 * @throws {DefinitionError} with everything that is wrong with it.
 */
export function readQuestion(body: unknown, host: string | undefined): Question {
  const given = copyJson(body);
  if (!isRecord(given)) {
    const fault = { problem: 'it must be a record', advice: 'write { "balancer": "app", "path": "/shop" }' };
    throw refuse([stateProblem('question', body, fault)]);
  }
  const options: Options = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== null && value !== ''),
  );
  const problems = checkQuestion(options);
  if (problems.length > 0) throw refuse(problems);
  // Checked above.
  const { balancer, path, cookie, method, headers, address } = options as QuestionOptions;
  const fields = Object.entries(headers ?? {}).filter(
    ([name]) => cookie === undefined || !isCalled(name, 'cookie'),
  );
  const hasHost = fields.some(([name]) => isCalled(name, 'host'));
  return {
    balancer,
    path,
    method: method ?? 'GET',
    headers: [
      ...(hasHost || host === undefined ? [] : [['Host', host] as const]),
      ...fields,
      ...(cookie === undefined ? [] : [['Cookie', cookie] as const]),
    ],
    address: address ?? '127.0.0.1',
  };
}

type QuestionOptions = Readonly<{
  balancer: string;
  path: string;
  cookie?: string;
  method?: string;
  headers?: Readonly<Record<string, string>>;
  address?: string;
}>;

function checkQuestion(options: Options): readonly Problem[] {
  const { balancer, path, cookie, method, headers, address } = options;
  const unknown = Object.entries(options).filter(([name]) => !names.includes(name));
  return [
    ...(isString(balancer)
      ? []
      : [
          stateProblem('balancer', balancer, {
            problem: 'it must be the id of a balancer',
            advice: "write 'app', say",
          }),
        ]),
    ...checkBy(judgePath)(path, 'path'),
    ...(cookie === undefined ? [] : checkField('Cookie', cookie, 'cookie')),
    ...(method === undefined ? [] : checkBy(judgeWord(methods))(method, 'method')),
    ...(headers === undefined ? [] : checkHeaders(headers)),
    ...(address === undefined ? [] : checkBy(judgeAddress)(address, 'address')),
    ...unknown.map(([name, value]) => {
      const nearest = findNearest(name, names);
      const advice = nearest === undefined ? 'leave it out' : `write ${nearest}`;
      return stateProblem(joinPath('', name), value, { problem: 'there is no such option', advice });
    }),
  ];
}

const judgePath: Judge = (value) => {
  const advice = "write '/shop?item=1', say";
  if (!isString(value) || !value.startsWith('/'))
    return { problem: 'it must be a path that begins with /', advice };
  if (value.length > longestPath)
    return { problem: `it has more than ${longestPath} letters`, advice: 'write fewer' };
  return control.test(value) ? { problem: 'it has a control character in it', advice } : undefined;
};

const judgeAddress: Judge = (value) =>
  isString(value) && isIP(value) !== 0
    ? undefined
    : { problem: 'it must be the IP address of a client', advice: "write '192.0.2.7' or '2001:db8::7', say" };

function checkHeaders(headers: unknown): readonly Problem[] {
  if (!isRecord(headers)) {
    const fault = { problem: 'it must be a record of texts', advice: 'write { "User-Agent": "curl" }' };
    return [stateProblem('headers', headers, fault)];
  }
  const fields = Object.entries(headers);
  const length = fields.flat().reduce((sum: number, text) => sum + (isString(text) ? text.length : 0), 0);
  if (fields.length > mostHeaders || length > longestHeaders) {
    const most = `${mostHeaders} fields and ${longestHeaders} letters`;
    return [
      stateProblem('headers', headers, { problem: 'there are too many', advice: `write at most ${most}` }),
    ];
  }
  const written = fields.map(([name]) => name);
  return fields.flatMap(([name, value], i) => {
    const path = joinPath('headers', name);
    const first = written.slice(0, i).find((other) => isCalled(other, name.toLowerCase()));
    if (first === undefined) return checkField(name, value, path);
    const fault = { problem: `${first} is the same field`, advice: 'leave one of them out' };
    return [stateSecretProblem(path, value, fault)];
  });
}

/** Of a cookie, or whatever else a client proves itself with, nothing is shown. */
function checkField(name: string, value: unknown, path: string): readonly Problem[] {
  if (!isString(value))
    return [stateSecretProblem(path, value, { problem: 'it must be a text', advice: 'write it in quotes' })];
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    if (value.length <= longestHeaders) return [];
  } catch {
    const fault = {
      problem: 'no request has such a field',
      advice: 'take blanks, control characters and the like out',
    };
    return [stateSecretProblem(path, value, fault)];
  }
  return [
    stateSecretProblem(path, value, {
      problem: 'it is too long',
      advice: `write at most ${longestHeaders} letters`,
    }),
  ];
}

function isCalled(name: string, lower: string): boolean {
  return name.toLowerCase() === lower;
}

function refuse(problems: readonly Problem[]): DefinitionError {
  return new DefinitionError(problems, 'The question');
}
