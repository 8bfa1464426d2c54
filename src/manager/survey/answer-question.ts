import type { IncomingMessage } from 'node:http';
import { explainNobody, type Explanation } from '../../explain.ts';
import { insideOf } from '../../inside.ts';
import type { Listed } from '../listed.ts';
import { findBalancer } from './find-listed.ts';
import { findMountPath, makeUpRequest } from './made-up-request.ts';
import { readQuestion } from './read-question.ts';

/** Where a request would go. */
export type Answered = Explanation &
  Readonly<{
    /** What the path was read by: where the balancer is mounted, without trailing slash; `''` for the root, or where that is not known. */
    mountPath: string;
  }>;

/**
 * Answers where a request would go that is made up from a question. Sends nothing, and changes nothing. `req`: the
 * request of the one who asks.
 *
 * @throws {DefinitionError} when the question is wrong; {ManagerError} when there is no such balancer.
 */
export function answerQuestion(body: unknown, req: IncomingMessage, balancers: readonly Listed[]): Answered {
  const question = readQuestion(body, req.headers.host);
  const { balancer } = findBalancer(balancers, question.balancer);
  const mountPath = findMountPath(question.path, insideOf(balancer).mountPaths());
  const explain = (): Explanation => {
    try {
      return balancer.explain(makeUpRequest(question, req, mountPath));
    } catch (error) {
      // It was written for requests that the app's middleware has seen.
      return explainNobody(
        `it cannot be told: a function of the definition has thrown ${describeThrown(error)}`,
      );
    }
  };
  return { ...explain(), mountPath };
}

const longestMessage = 300;

/** What was thrown may be anything, and throw in its turn. */
function describeThrown(error: unknown): string {
  try {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return text.slice(0, longestMessage).toWellFormed();
  } catch {
    return 'something that cannot be read';
  }
}
