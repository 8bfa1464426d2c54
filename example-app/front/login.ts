// The operator's login: a password that is made up at each start, and a signed cookie for the manager's own path.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import cookieParser from 'cookie-parser';
import express, { Router, type CookieOptions, type Request, type RequestHandler } from 'express';
import { html, type Html } from '../site/html.ts';
import { readField, refuseForeignForms } from '../site/own-form.ts';

/** The start tells it; whoever runs the front alone reads it on the console. */
const password = process.env['MANAGER_PASSWORD'] ?? randomBytes(9).toString('base64url');
if (process.env['MANAGER_PASSWORD'] === undefined && process.send === undefined) {
  console.log(`The balancer-manager's password: ${password}`);
}

/** The same in all workers of a cluster: whoever has logged in to one is known to all, and their forms come from any. */
export const secret = process.env['MANAGER_SECRET'] ?? randomBytes(32).toString('hex');
const sessionMs = 8 * 60 * 60 * 1000;

/** The name that somebody has logged in with; undefined: nobody has. */
export function operatorOf(req: Request): string | undefined {
  const session: unknown = req.signedCookies['operator'];
  const [until, name] = typeof session === 'string' ? session.split(/ (.*)/s) : [];
  return Number(until) > Date.now() ? name : undefined;
}

/** `login` and `logout` below the path where this is mounted; whoever is not logged in is sent to the first. */
export function createLogin(path: string): Router {
  const login = Router();
  // Only here: the forum's cookies are none of the front's business, nor is this one the forum's.
  const cookie: CookieOptions = { path, httpOnly: true, sameSite: 'strict', signed: true, maxAge: sessionMs };
  login.use(cookieParser(secret), refuseForeignForms);
  login.get('/login', (_req, res) => {
    res.send(renderLogin(path));
  });
  login.post('/login', express.urlencoded({ extended: false, limit: '1kb' }), (req, res) => {
    const name = readField(req, 'name').slice(0, 40) || 'operator';
    if (!isPassword(readField(req, 'password'))) {
      res.status(403).send(renderLogin(path, html`<p class="notice" role="alert">That is not it.</p>`));
      return;
    }
    res.cookie('operator', `${Date.now() + sessionMs} ${name}`, cookie).redirect(303, `${path}/`);
  });
  login.get('/logout', (_req, res) => {
    res.clearCookie('operator', { path }).redirect(303, `${path}/login`);
  });
  login.use(sendToLogin(path));
  return login;
}

function sendToLogin(path: string): RequestHandler {
  return (req, res, next) => {
    // Programs are told by the manager itself.
    const isPage = req.method === 'GET' && req.path === '/';
    if (isPage && operatorOf(req) === undefined) res.redirect(303, `${path}/login`);
    else next();
  };
}

function isPassword(given: string): boolean {
  const digest = (text: string): Buffer => createHmac('sha256', secret).update(text).digest();
  return timingSafeEqual(digest(given), digest(password));
}

function renderLogin(path: string, notice?: Html): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Log in to the balancer-manager</title>
        <link rel="stylesheet" href="/static/style.css" />
      </head>
      <body>
        <main>
          <h1>Balancer-manager</h1>
          ${notice}
          <form method="post" action="${path}/login">
            <label>Your name, for the log <input name="name" autocomplete="username" /></label>
            <label
              >Password, on the console
              <input name="password" type="password" required autocomplete="current-password" />
            </label>
            <button>Log in</button>
          </form>
        </main>
      </body>
    </html> `.html;
}
