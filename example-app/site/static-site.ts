import { fileURLToPath } from 'node:url';
import express, { type Express } from 'express';

const directory = fileURLToPath(new URL('../media', import.meta.url));

/** A static backend: its files are under `/media/`, which no client ever sees. */
export function createStaticSite(name: 'static1' | 'static2'): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use((_req, res, next) => {
    res.set('X-Served-By', name);
    next();
  });
  app.use('/media', express.static(directory));
  return app;
}
