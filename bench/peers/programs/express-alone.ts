import { createApplication } from './application.ts';
import { listen } from './listening.ts';

await listen(
  createApplication((_req, res) => {
    res.end('ok');
  }).server,
);
