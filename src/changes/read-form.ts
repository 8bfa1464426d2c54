import { DefinitionError, stateProblem, type Options } from '../definition/problem.ts';
import { cleanText } from '../manager/clean-text.ts';
import type { ChangeRequest, Deed } from './change.ts';
import { isRecord } from './copy-json.ts';
import { readChangeRequest } from './read-request.ts';

/** Texts even where they look like a number or a flag. */
const texts: ReadonlySet<string> = new Set([
  'url',
  'route',
  'redirect',
  'status',
  'hcmethod',
  'hcuri',
  'resolve',
  'lbmethod',
  'stickysession',
  'stickysessionsep',
  'separatorMatch',
  'proxyvia',
]);

/** Lists, with commas or blanks between the elements. */
const lists: ReadonlySet<string> = new Set([
  'warmUp',
  'hcexpect',
  'failonstatus',
  'failoverOn',
  'proxyerroroverride',
  'exclude',
  'proxypassreverse',
]);

const flags: Readonly<Record<string, boolean>> = { on: true, off: false };

/** What a form says besides what is to be done. */
const envelope = new Set(['balancer', 'member', 'token', 'id']);

/**
 * Reads what a form of the page asks for. A field that still has the value that it had when the form was made, as its
 * `was.` field tells, is no part of it: it takes back nothing that somebody else has set since.
 *
 * @throws {DefinitionError} with everything that is wrong with it.
 */
export function readChangeForm(kind: Deed['kind'], form: unknown): ChangeRequest {
  const fields = readFields(form);
  const body: Options = Object.fromEntries(
    [...fields].flatMap(([name, text]) => {
      if (envelope.has(name) || name.startsWith('was.')) return [];
      const was = fields.get(`was.${name}`) ?? '';
      if (text === was) return [];
      return [[name, text === '' ? null : readValue(name, text)] as const];
    }),
  );
  if (
    Object.keys(body).every((name) => ['reason', 'for'].includes(name)) &&
    (kind === 'change' || kind === 'configure')
  ) {
    const fault = { problem: 'every field is as it was', advice: 'change one of them' };
    throw new DefinitionError([stateProblem('change', undefined, fault)], 'The change');
  }
  return readChangeRequest(
    kind,
    { balancer: fields.get('balancer') ?? '', member: fields.get('member') },
    body,
  );
}

/** Texts by name, as people see them in a field: without the blanks around. */
function readFields(form: unknown): ReadonlyMap<string, string> {
  const entries: (readonly [string, unknown])[] = isRecord(form) ? Object.entries(form) : [];
  return new Map(
    entries.flatMap(([name, text]): [string, string][] =>
      typeof text === 'string' ? [[name, text.replaceAll('\r\n', '\n').trim()]] : [],
    ),
  );
}

function readValue(name: string, text: string): unknown {
  // What people paste has letters in it that they do not see.
  if (name === 'reason') return cleanText(text.replace(/\s+/g, ' '));
  if (texts.has(name)) return text;
  if (Object.hasOwn(flags, text)) return flags[text];
  if (lists.has(name))
    return text
      .split(/[\s,]+/)
      .filter((part) => part !== '')
      .map(readNumber);
  if (name === 'hcheaders') return readHeaders(text);
  return readNumber(text);
}

function readNumber(text: string): number | string {
  return /^-?\d{1,15}(\.\d{1,9})?$/.test(text) ? Number(text) : text;
}

/** One a line: `Host: app.site.com`. What is no such line stays as it is, and is refused so. */
function readHeaders(text: string): unknown {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const pairs = lines.map((line) => /^([^:\s]+)\s*:\s*(.*)$/.exec(line.trim()));
  if (pairs.some((pair) => pair === null)) return text;
  return Object.fromEntries(pairs.map((pair) => [pair![1]!, pair![2]!]));
}
