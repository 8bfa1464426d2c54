import { isString } from '../../definition/judges.ts';
import { checkBy, type Fault } from '../../definition/problem.ts';

/** Lines that work as they stand, once their names are the app's. */
const ways = `write one of
    authorize: (req) => req.session.user?.isOperator && req.session.user.name    // the session check that the app has
    authorize: (req) => {                                                        // HTTP basic: import auth from 'basic-auth'
      const given = auth(req);
      return given && isRight(given.name, given.pass) ? given.name : { challenge: 'Basic realm="balancers"' };
    }
    authorize: 'loopback-only'                                                   // whoever sits at this machine`;

/** The check of `authorize`, which has no default: whoever reaches a manager steers its balancers. */
export const checkAuthorize = checkBy(judgeAuthorize);

function judgeAuthorize(value: unknown): Fault | undefined {
  if (typeof value === 'function' || value === 'loopback-only') return undefined;
  if (value === undefined) {
    return {
      problem: 'whoever comes in steers the balancers, so nobody does unless it says who',
      advice: ways,
    };
  }
  if (isString(value) && /^(?:local(?:host)?|loop-?back)(?:[-_ ]?only)?$/i.test(value)) {
    return { problem: 'there is no such value', advice: "write 'loopback-only'" };
  }
  if (value === true) return { problem: 'it would let everybody in', advice: ways };
  return { problem: "it must be a function, or 'loopback-only'", advice: ways };
}
