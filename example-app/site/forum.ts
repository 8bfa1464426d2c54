import express, { Router, type Request, type Response } from 'express';
import { isOwnForm, readField, refuseForeignForms } from './own-form.ts';
import {
  maxName,
  maxText,
  password,
  renderChat,
  renderHome,
  renderLogin,
  renderOwnPosts,
  renderSentence,
} from './pages.ts';
import { addPost, readPosts } from './posts.ts';
import { sessionCookie, type Session, type Sessions } from './sessions.ts';
import { describeVisit, ownHost, ownUrl, type Visit } from './visit.ts';

/** The forum's pages. `onLogout` hears of sessions that end. */
export function createForum(
  backend: string,
  sessions: Sessions,
  onLogout: (session: Session) => void,
): Router {
  const forum = Router();
  const visitOf = (req: Request): Visit => describeVisit(req, backend, sessions);

  forum.use(refuseForeignForms, express.urlencoded({ limit: '16kb' }));

  forum.get('/', async (req, res) => {
    res.send(renderHome(visitOf(req), await readPosts()));
  });

  forum.get('/login', (req, res) => {
    res.send(renderLogin(visitOf(req)));
  });

  forum.post('/login', (req, res) => {
    const name = readField(req, 'name');
    if (name === '' || name.length > maxName || readField(req, 'password') !== password) {
      res.status(403).send(renderLogin(visitOf(req), 'That is not the name or the password.'));
      return;
    }
    res.cookie(sessionCookie, sessions.begin(name).id, cookieOptions(req));
    res.redirect(303, ownUrl(req, 'posts'));
  });

  forum.get('/posts', async (req, res) => {
    const visit = visitOf(req);
    if (visit.session === undefined) res.redirect(303, ownUrl(req, 'login'));
    else res.send(renderOwnPosts(visit, visit.session, await readPosts()));
  });

  forum.post('/posts', async (req, res) => {
    const visit = visitOf(req);
    if (!isAllowed(req, res, visit)) return;
    const text = readField(req, 'text');
    if (text === '' || text.length > maxText) {
      res.status(400).send(renderSentence(visit, 'Not posted', `A post has 1 to ${maxText} characters.`));
      return;
    }
    await addPost({ author: visit.session.user, text, backend, at: new Date().toISOString() });
    res.redirect(303, ownUrl(req, 'posts'));
  });

  forum.post('/logout', (req, res) => {
    const visit = visitOf(req);
    if (!isAllowed(req, res, visit)) return;
    sessions.end(visit.session);
    onLogout(visit.session);
    res.clearCookie(sessionCookie, cookieOptions(req));
    res.redirect(303, ownUrl(req, ''));
  });

  forum.get('/chat', (req, res) => {
    const visit = visitOf(req);
    if (visit.session === undefined) res.redirect(303, ownUrl(req, 'login'));
    else res.send(renderChat(visit, visit.session));
  });

  forum.use((req, res) => {
    res.status(404).send(renderSentence(visitOf(req), 'Not found', 'There is no such page.'));
  });

  return forum;
}

/** Whether a form may act for the visitor; answers the request if not. */
function isAllowed(req: Request, res: Response, visit: Visit): visit is Visit & { session: Session } {
  if (visit.session === undefined) {
    res.redirect(303, ownUrl(req, 'login'));
    return false;
  }
  if (isOwnForm(req, visit.session)) return true;
  res.status(403).send(renderSentence(visit, 'Refused', 'This form was not made for your session.'));
  return false;
}

/** Host and path are this backend's own: it knows of no front. The balancer makes the public ones of them. */
function cookieOptions(req: Request) {
  return { httpOnly: true, sameSite: 'lax', domain: ownHost(req), path: `${req.baseUrl}/` } as const;
}
