import { answerJson } from '../answers.ts';
import type { Route } from '../route.ts';
import { answerQuestion } from '../survey/answer-question.ts';
import { makeReport } from '../survey/make-report.ts';
import { showChange } from '../survey/show-change.ts';
import { paths } from './paths.ts';
import { reportBalancer, reportMember } from './report-one.ts';

/** What is to be seen, as JSON. */
export const lookRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/report',
    answer: (_asked, parts) => answerJson(makeReport(parts)),
  },
  {
    method: 'GET',
    path: '/api/balancers',
    answer: (_asked, { survey }) => answerJson({ balancers: survey.report().balancers }),
  },
  {
    method: 'GET',
    path: paths.balancer,
    answer: (asked, parts) => answerJson(reportBalancer(asked, parts)),
  },
  {
    method: 'GET',
    path: paths.member,
    answer: (asked, parts) => answerJson(reportMember(asked, parts)),
  },
  {
    method: 'GET',
    path: '/api/changes',
    answer: (_asked, { changes }) => answerJson({ changes: changes.list().map(showChange) }),
  },
  {
    method: 'GET',
    path: '/api/decisions',
    answer: (_asked, { survey }) => answerJson(survey.decisions()),
  },
  {
    method: 'GET',
    path: '/api/history',
    answer: (_asked, { survey }) => answerJson(survey.history()),
  },
  {
    method: 'POST',
    path: '/api/explain',
    takes: 'json',
    isQuestion: true,
    answer: ({ req, body }, { balancers }) => answerJson(answerQuestion(body, req, balancers())),
  },
  {
    method: 'GET',
    path: '/api/token',
    answer: ({ token }) => answerJson({ token, header: 'X-Manager-Token' }),
  },
];
