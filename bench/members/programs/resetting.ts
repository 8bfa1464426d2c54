import { createServer } from 'node:net';
import { listenAtAll } from './listening.ts';

await listenAtAll(() =>
  createServer((socket) => {
    socket.on('error', () => socket.destroy());
    // The request has come: whether it was carried out, a proxy cannot know.
    socket.once('data', () => socket.resetAndDestroy());
  }),
);
