import { startBackend, type Backend } from './backend.ts';

/** What an application backend of the tests is told. */
export type ForumOptions = Readonly<{
  /** Name of its cookie. */
  cookie: string;
  /** The value of the cookie for some session data: how this backend says that the session is its own. */
  write: (data: string) => string;
  /** Its own path: it knows nothing of where it is mounted. */
  base?: string;
}>;

/** A small application with its sessions in memory: who comes to another backend is a stranger there. */
export async function startForum(name: string, { cookie, write, base = '' }: ForumOptions): Promise<Backend> {
  const visits = new Map<string, number>();
  let logins = 0;
  return startBackend(name, (req, res) => {
    const own = `http://${req.headers.host!}${base}`;
    const attributes = `Path=${base}/; Domain=${req.headers.host!.replace(/:\d+$/, '')}; HttpOnly`;
    const value = req.headers.cookie?.split('; ').find((pair) => pair.startsWith(`${cookie}=`)) ?? '';
    res.setHeader('X-Backend', name);
    switch (req.url!.slice(base.length)) {
      case '/login': {
        const session = write(`${name}-${logins++}`);
        visits.set(`${cookie}=${session}`, 0);
        res.setHeader('Set-Cookie', `${cookie}=${session}; ${attributes}`);
        res.writeHead(303, { Location: `${own}/posts` }).end();
        break;
      }
      case '/logout':
        visits.delete(value);
        res.setHeader('Set-Cookie', `${cookie}=; ${attributes}; Max-Age=0`);
        res.writeHead(303, { Location: `${own}/` }).end();
        break;
      default: {
        const visit = visits.get(value);
        if (visit !== undefined) visits.set(value, visit + 1);
        res.end(visit === undefined ? `${name}: stranger` : `${name}: visit ${visit + 1}`);
      }
    }
  });
}
