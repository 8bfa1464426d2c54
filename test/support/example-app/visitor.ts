import { equal } from 'node:assert/strict';
import { once } from 'node:events';
import type { WebSocket } from 'ws';

/** A browser without eyes: it follows nothing, and keeps cookies by name. */
export function createClient(url: string) {
  const jar = new Map<string, string>();
  const cookies = (): string => [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  const ask = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const res = await fetch(url + path, { ...init, redirect: 'manual', headers: { cookie: cookies() } });
    for (const cookie of res.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
    return res;
  };
  return {
    cookies,
    post: (path: string, fields: Record<string, string>) =>
      ask(path, { method: 'POST', body: new URLSearchParams(fields) }),
    async page(path: string, status: number): Promise<string> {
      const res = await ask(path);
      equal(res.status, status);
      return res.text();
    },
  };
}

/** What a chat says until it has repeated our own words. */
export async function talk(socket: WebSocket, text: string): Promise<unknown[]> {
  const heard: { text: string }[] = [];
  socket.on('open', () => {
    socket.send(text);
  });
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  socket.on('error', reject);
  socket.on('message', (data) => {
    const message = JSON.parse((data as Buffer).toString()) as { text: string };
    heard.push(message);
    if (message.text === text) resolve(message);
  });
  await promise;
  socket.close();
  await once(socket, 'close');
  return heard;
}

/** The secret of a page's forms. */
export function readToken(page: string): string {
  return /name="token" value="([^"]+)"/.exec(page)?.[1] ?? '';
}
