import type { Change, Deed } from '../changes/change.ts';
import { readChangeRequest } from '../changes/read-request.ts';
import type { Answer, Asked, ManagerParts, Route } from '../route.ts';
import { showChange } from '../survey/show-change.ts';
import { answerJson } from './answer-json.ts';
import { linkToMember, paths } from './paths.ts';
import { readTermsOfQuery } from './query-terms.ts';
import { reportBalancer, reportMember } from './report-one.ts';

/** What can be changed, by JSON. */
export const changeRoutes: readonly Route[] = [
  {
    method: 'PATCH',
    path: paths.balancer,
    takes: 'json',
    answer(asked, parts) {
      const change = make('configure', asked, parts);
      return answerJson({ change, balancer: reportBalancer(asked, parts) });
    },
  },
  { method: 'POST', path: paths.members, takes: 'json', answer: answerAdded },
  { method: 'PATCH', path: paths.member, takes: 'json', answer: answerChanged('change') },
  { method: 'POST', path: `${paths.member}/drain`, takes: 'json', answer: answerChanged('drain') },
  {
    method: 'DELETE',
    path: paths.member,
    takes: 'json',
    answer({ params, user, query, body }, parts) {
      // Many clients send no body with DELETE.
      const terms = body === undefined ? readTermsOfQuery(query) : body;
      return answerJson({ change: make('remove', { params, user, body: terms }, parts) });
    },
  },
  {
    method: 'DELETE',
    path: '/api/changes/:id',
    answer: ({ params, user }, { changes }) =>
      answerJson({ change: showChange(changes.undo(params['id']!, user.name)) }),
  },
];

function answerChanged(kind: 'change' | 'drain'): Route['answer'] {
  return (asked, parts) => {
    const change = make(kind, asked, parts);
    return answerJson({ change, member: reportMember(asked, parts) });
  };
}

function answerAdded(asked: Asked, parts: ManagerParts): Answer {
  const change = make('add', asked, parts);
  const name = change.deed.kind === 'add' ? change.deed.name : undefined;
  const { id, members } = reportBalancer(asked, parts);
  // One that stands for the servers behind a name is none itself.
  const member = members.find((each) => each.name === name);
  const headers = name === undefined ? {} : { Location: linkToMember(asked.base, id, name) };
  return answerJson({ change, member }, 201, headers);
}

function make(
  kind: Deed['kind'],
  { params, body, user }: Pick<Asked, 'params' | 'body' | 'user'>,
  parts: ManagerParts,
): Change {
  const addressee = { balancer: params['balancer']!, member: params['member'] };
  return showChange(parts.changes.make(readChangeRequest(kind, addressee, body), user.name));
}
