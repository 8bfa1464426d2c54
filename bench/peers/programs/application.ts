import { createServer, type Server } from 'node:http';
import express, { type Express, type RequestHandler } from 'express';

/** An Express app that does nothing else, for every peer that is a handler. */
export function createApplication(handler: RequestHandler): Readonly<{ app: Express; server: Server }> {
  const app = express();
  app.disable('x-powered-by');
  app.use(handler);
  return { app, server: createServer(app) };
}
