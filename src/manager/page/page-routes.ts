import { answerJson, answerWithJson, retell, statusOf, type ToldError } from '../answers.ts';
import { readChangeForm } from '../../changes/read-form.ts';
import type { Change } from '../../changes/change.ts';
import { ManagerError, type Answer, type Asked, type ManagerParts, type Route } from '../route.ts';
import { answerQuestion } from '../survey/answer-question.ts';
import { makeReport } from '../survey/make-report.ts';
import { answerXml } from '../xml.ts';
import { findMember } from './deed-words.ts';
import { showExplanation } from './explain-part.ts';
import { rewordForForms } from './form-advice.ts';
import { printHtml } from './html.ts';
import { makeId } from './ids.ts';
import { isDone, tellDone, type Done } from './messages.ts';
import { showPage, type Page } from './page.ts';
import { completeFields, readFields, readRefused } from './read-fields.ts';

/** The page, and what its forms ask for. */
export const pageRoutes: readonly Route[] = [
  { method: 'GET', path: '/', answer: answerPage },
  { method: 'POST', path: '/forms/explain', takes: 'form', isQuestion: true, answer: answerExplain },
  { method: 'POST', path: '/forms/:kind', takes: 'form', answer: answerForm },
  // The address of a form that was refused, loaded again.
  { method: 'GET', path: '/forms/:kind', answer: ({ base }) => leadTo(`${base}/`, 'The page is there.') },
];

/** The page with what went wrong at its top, and the form as it was filled in; for the script as JSON. */
export function answerWithError(asked: Asked, parts: ManagerParts, given: ToldError): Answer {
  const error = retell(given, rewordForForms);
  if (wantsJson(asked)) return answerWithJson(error);
  const refused = readRefused(readFields(asked.body), error);
  return answerHtml(statusOf(error), buildPage(asked, parts, { error, refused }));
}

function answerPage(asked: Asked, parts: ManagerParts): Answer {
  if (asked.query.get('xml') === '1') return answerXml(makeReport(parts));
  const done = asked.query.get('done');
  return answerHtml(200, buildPage(asked, parts, { message: isDone(done) ? tellDone(done) : undefined }));
}

function answerForm(asked: Asked, parts: ManagerParts): Answer {
  const { kind = '' } = asked.params;
  if (!isDone(kind)) throw new ManagerError('ERR_MANAGER_NOT_FOUND', 'there is no such form');
  const at = findPlace(makeChange(kind, asked, parts), kind);
  if (wantsJson(asked)) return answerJson({ done: kind, message: tellDone(kind), at });
  // RFC 9110 15.4.4: the page is got, so that to load it again does nothing twice.
  return leadTo(`${asked.base}/?done=${kind}#${at}`, tellDone(kind));
}

function leadTo(location: string, words: string): Answer {
  return {
    status: 303,
    type: 'text/plain; charset=utf-8',
    body: `${words}\n`,
    headers: { Location: location },
  };
}

function makeChange(kind: Done, { body, user }: Asked, { changes }: ManagerParts): Change {
  const fields = completeFields(readFields(body));
  if (kind === 'undo') return changes.undo(fields['id'] ?? '', user.name);
  return changes.make(readChangeForm(kind, fields), user.name);
}

/** Where on the page one looks for what was done. */
function findPlace({ deed }: Change, kind: Done): string {
  const member = findMember(deed);
  const isGone = deed.kind === (kind === 'undo' ? 'add' : 'remove');
  return member === undefined || isGone ? makeId('b', deed.balancer) : makeId('m', deed.balancer, member);
}

function answerExplain(asked: Asked, parts: ManagerParts): Answer {
  const { form = '', balancer = '', path = '', cookie = '' } = readFields(asked.body);
  const answered = answerQuestion({ balancer, path, cookie }, asked.req, parts.balancers());
  const explanation = showExplanation(balancer, answered);
  if (wantsJson(asked)) return answerJson({ html: printHtml(explanation) });
  const refused = { form, fields: { balancer, path, cookie }, faulty: new Set<string>() };
  return answerHtml(200, buildPage(asked, parts, { explanation, refused }));
}

function buildPage(
  { base, token, user }: Asked,
  parts: ManagerParts,
  news: Pick<Page, 'message' | 'error' | 'refused' | 'explanation'>,
): Page {
  const viewer = { base, token, isReadOnly: user.readOnly };
  return { title: parts.title, user: user.name, viewer, report: makeReport(parts), ...news };
}

function wantsJson({ req }: Asked): boolean {
  return /^application\/json\b/i.test(req.headers.accept ?? '');
}

function answerHtml(status: number, page: Page): Answer {
  return { status, type: 'text/html; charset=utf-8', body: showPage(page) };
}
