// A backend of the demonstration: `node demo/backend.ts app1 [port]`. A post takes it about 20 ms, as if a database were asked.
import { createServer } from 'node:http';
import express from 'express';
import { followParent, listen } from '../cluster/child.ts';
import { parsePort } from '../cluster/ports.ts';
import { createTrouble } from '../site/trouble.ts';

const [name = 'app', port = '0'] = process.argv.slice(2);

followParent();
const app = express();
app.get('/healthz', (_req, res) => {
  res.type('text').send('ok\n');
});
app.use(createTrouble());
app.get('/posts/:id', (req, res) => {
  setTimeout(
    () => {
      res.type('text').send(`Post ${req.params.id}, as ${name} has it\n`);
    },
    15 + 10 * Math.random(),
  );
});
await listen(createServer(app), parsePort(port));
