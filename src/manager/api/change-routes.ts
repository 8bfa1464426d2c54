import { answerJson } from '../answers.ts';
import type { Change, Deed } from '../../changes/change.ts';
import { readChangeRequest } from '../../changes/read-request.ts';
import type { Answer, Asked, ManagerParts, Route } from '../route.ts';
import { showChange } from '../survey/show-change.ts';
import { linkToMember, paths } from './paths.ts';
import { readTermsOfQuery, refuseTermsInQuery } from './query-terms.ts';
import { reportBalancer, reportMember } from './report-one.ts';

/** What can be changed, by JSON. */
export const changeRoutes: readonly Route[] = [
  {
    method: 'PATCH',
    path: paths.balancer,
    takes: 'json',
    answer(asked, parts) {
      const change = make('configure', asked, readTerms(asked), parts);
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
    answer(asked, parts) {
      // Many clients send no body with DELETE.
      const terms = asked.body === undefined ? readTermsOfQuery(asked.query) : readTerms(asked);
      return answerJson({ change: make('remove', asked, terms, parts) });
    },
  },
  {
    method: 'DELETE',
    path: '/api/changes/:id',
    answer({ params, user, query }, { changes }) {
      refuseTermsInQuery(query);
      return answerJson({ change: showChange(changes.undo(params['id']!, user.name)) });
    },
  },
];

function answerChanged(kind: 'change' | 'drain'): Route['answer'] {
  return (asked, parts) => {
    const change = make(kind, asked, readTerms(asked), parts);
    return answerJson({ change, member: reportMember(asked, parts) });
  };
}

function answerAdded(asked: Asked, parts: ManagerParts): Answer {
  const change = make('add', asked, readTerms(asked), parts);
  const name = change.deed.kind === 'add' ? change.deed.name : undefined;
  const { id, members } = reportBalancer(asked, parts);
  // One that stands for the servers behind a name is none itself.
  const member = members.find((each) => each.name === name);
  const headers = member && { Location: linkToMember(asked.base, id, member.name) };
  return answerJson({ change, member }, 201, headers);
}

function readTerms({ query, body }: Asked): unknown {
  refuseTermsInQuery(query);
  return body;
}

function make(kind: Deed['kind'], { params, user }: Asked, terms: unknown, parts: ManagerParts): Change {
  const addressee = { balancer: params['balancer']!, member: params['member'] };
  return showChange(parts.changes.make(readChangeRequest(kind, addressee, terms), user.name));
}
