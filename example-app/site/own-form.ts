import { timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import type { Session } from './sessions.ts';

/** Refuses forms that a browser says come from another site; for those that have no session to hold a token. */
export const refuseForeignForms: RequestHandler = (req, res, next) => {
  const from = req.headers['sec-fetch-site'];
  const foreign = from !== undefined && from !== 'same-origin' && from !== 'none';
  if (req.method === 'POST' && foreign)
    res.status(403).type('text').send('This form came from another site.\n');
  else next();
};

/** Whether the form was made for this session. */
export function isOwnForm(req: Request, session: Session): boolean {
  return isTokenOf(session, readField(req, 'token'));
}

export function isTokenOf(session: Session, token: string): boolean {
  const expected = Buffer.from(session.token);
  const given = Buffer.from(token);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** A field of a form, trimmed; `''` if it is missing or given twice. */
export function readField(req: Request, name: string): string {
  const body: unknown = req.body;
  const value: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;
  return typeof value === 'string' ? value.trim() : '';
}
