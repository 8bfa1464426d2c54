import express from 'express';
import { createBalancer } from 'express-proxy-balancer';

/** The app under test, before whatever members it is given. */
export function createApp(options) {
  const balancer = createBalancer({ stickysession: 'session', ...options });
  const app = express();
  app.use(balancer);
  app.use((error, _req, res, _next) => {
    res.status(error.status).json({ code: error.code });
  });
  return { app, balancer };
}
