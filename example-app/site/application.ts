import type { Server } from 'node:http';
import express, { type RequestHandler } from 'express';
import { createChat } from './chat.ts';
import { createForum } from './forum.ts';
import { Sessions } from './sessions.ts';
import { createTrouble } from './trouble.ts';
import { ownHost } from './visit.ts';

/** An application backend: the forum at `/`, and once more at `/forum` for the classic form of stickiness. */
export function createApplication(name: 'app1' | 'app2', server: Server): void {
  const sessions = new Sessions(name);
  const chat = createChat(name, sessions);
  const forum = createForum(name, sessions, chat.dismiss);

  const app = express();
  app.disable('x-powered-by');
  app.use(sayWhoServed(name));
  app.get('/healthz', (_req, res) => {
    res.type('text').send('ok\n');
  });
  app.use(createTrouble());
  app.use('/forum', setRouteCookie(name === 'app1' ? 'http1' : 'http2'), forum);
  app.use(forum);

  server.on('request', app);
  server.on('upgrade', chat.upgrade);
}

function sayWhoServed(name: string): RequestHandler {
  return (_req, res, next) => {
    res.set({
      'X-Served-By': name,
      'Cache-Control': 'no-store',
      'Content-Security-Policy': "default-src 'self'; frame-ancestors 'none'",
    });
    next();
  };
}

/** What a rewrite rule with `CO=BALANCEID:balancer.http1:.example.org` does on an httpd backend. */
function setRouteCookie(route: string): RequestHandler {
  return (req, res, next) => {
    res.cookie('BALANCEID', `balancer.${route}`, {
      httpOnly: true,
      domain: ownHost(req),
      path: `${req.baseUrl}/`,
    });
    next();
  };
}
