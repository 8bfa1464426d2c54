import type { MemberView } from '../member/member.ts';
import { byRequests } from './by-requests.ts';

/** A balancing method says who of the candidates is best, and nothing else (httpd `lbmethod`). */
export type Method = (candidates: readonly [MemberView, ...MemberView[]]) => MemberView;

/** The methods by httpd's names. */
export const methods = { byrequests: byRequests } as const satisfies Readonly<Record<string, Method>>;
