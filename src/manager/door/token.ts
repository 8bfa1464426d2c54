import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Makes the tokens that forms carry back, and knows them again. */
export type Tokens = Readonly<{
  /** The same for a user within an hour. */
  issue(user: string, now: number): string;
  isValid(token: unknown, user: string, now: number): boolean;
}>;

const hourMs = 3_600_000;
const validMs = 12 * hourMs;
// Clocks of processes behind one address differ.
const skewMs = 60_000;

/** `secret`: of several processes that answer for each other; without it one is made up. */
export function createTokens(secret: string | undefined): Tokens {
  const key = secret ?? randomBytes(32);
  const sign = (user: string, issued: string): Buffer =>
    createHmac('sha256', key).update(`express-proxy-balancer manager\n${issued}\n${user}`).digest();

  return {
    issue(user, now) {
      // By the hour, so that a page that is kept up to date is not another one each second.
      const issued = (Math.floor(now / hourMs) * hourMs).toString(36);
      return `${issued}.${sign(user, issued).toString('base64url')}`;
    },
    isValid(token, user, now) {
      if (typeof token !== 'string') return false;
      const [, issued, signature] = /^([a-z\d]{1,11})\.([\w-]{43})$/.exec(token) ?? [];
      if (issued === undefined || signature === undefined) return false;
      const given = Buffer.from(signature, 'base64url');
      const age = now - parseInt(issued, 36);
      return timingSafeEqual(given, sign(user, issued)) && age >= -skewMs && age < validMs;
    },
  };
}
