import type { MemberSettings, Settings } from '../definition/settings.ts';
import type { Answer } from '../forward/outcome.ts';
import type { Inbound } from '../request/inbound.ts';
import { valuesOf } from './headers.ts';
import { compileRewriteAnswer, type Reply } from './rewrite-answer.ts';
import { compileRewriteRequest, type RewriteRequest } from './rewrite-request.ts';
import { buildRouteCookie } from './route-cookie.ts';

/** Everything that is changed on the way to a member and back, ready to use. */
export type Rewriter = Readonly<{
  rewriteRequest: RewriteRequest;
  /** `cookieRoute`: the route that the client's own route cookie carries. */
  rewriteAnswer(
    answer: Answer,
    inbound: Inbound,
    member: MemberSettings,
    cookieRoute: string | undefined,
  ): Reply;
  /** A 1xx has no cookies of ours. */
  rewriteInterim(answer: Answer, inbound: Inbound, member: MemberSettings): Reply;
  /** What an error page of the app should still say of an answer that it stands for. */
  keepForErrorPage(reply: Reply): Readonly<Record<string, readonly string[]>>;
}>;

// httpd keeps WWW-Authenticate alone, and so loses sessions, retry times and methods.
const keptForErrorPages = ['www-authenticate', 'retry-after', 'allow', 'set-cookie'];

/** Compiles the rewriting of one balancer. `serverName` is told to members in X-Forwarded-Server. */
export function createRewriter(settings: Settings, serverName: string): Rewriter {
  const rewriteAnswer = compileRewriteAnswer(settings, settings.members);
  const { routeCookie } = settings;
  return {
    rewriteRequest: compileRewriteRequest(settings, serverName),
    rewriteAnswer(answer, inbound, member, cookieRoute) {
      const isNew = routeCookie !== undefined && member.route !== undefined && member.route !== cookieRoute;
      const cookie = isNew
        ? buildRouteCookie(routeCookie, member.route, inbound.mountPath, inbound.protocol === 'https')
        : undefined;
      return rewriteAnswer(answer, inbound, member, cookie);
    },
    rewriteInterim: (answer, inbound, member) => rewriteAnswer(answer, inbound, member, undefined),
    keepForErrorPage(reply) {
      const kept = keptForErrorPages.map((name) => [name, valuesOf(reply.headers, name)] as const);
      return Object.fromEntries(kept.filter(([, values]) => values.length > 0));
    },
  };
}
