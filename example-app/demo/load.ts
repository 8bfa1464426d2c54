import { setImmediate as breathe } from 'node:timers/promises';

/** Who asks. With a session: a cookie that ends in the route of the backend where the session lives. */
export type Visitor = { readonly name: string; session: string | undefined };

/** One GET, as the client sees it. */
export type Answer = Readonly<{
  number: number;
  visitor: string;
  /** It was asked for with a session. */
  bound: boolean;
  /** The backend that has answered, and how many were asked: what Server-Timing says. */
  member: string | undefined;
  attempts: number;
  ms: number;
  /** What was wrong with it. */
  fault: string | undefined;
}>;

/** The loop of GETs: each visitor asks again as soon as there is an answer. */
export type Load = Readonly<{
  /** How many GETs have begun. */
  begun(): number;
  stop(): Promise<void>;
}>;

export function startLoad(url: string, visitors: readonly Visitor[], tell: (answer: Answer) => void): Load {
  let begun = 0;
  let stopped = false;
  const ask = async (visitor: Visitor): Promise<void> => {
    while (!stopped) {
      begun += 1;
      tell(await get(url, begun, visitor));
      // Who is refused at once must not keep the others from being heard.
      await breathe();
    }
  };
  const loops = visitors.map(ask);
  return {
    begun: () => begun,
    async stop() {
      stopped = true;
      await Promise.all(loops);
    },
  };
}

async function get(url: string, number: number, { name, session }: Visitor): Promise<Answer> {
  const startedAt = performance.now();
  const bound = session !== undefined;
  const headers = { 'x-visitor': name, ...(bound ? { cookie: `sessionid=${session}` } : {}) };
  const path = `/posts/${number}`;
  try {
    const res = await fetch(url + path, { headers });
    const text = await res.text();
    const isWhole = res.status === 200 && text.startsWith(`Post ${number},`) && text.endsWith('\n');
    const fault = isWhole ? undefined : `GET ${path}: ${res.status} ${text.trim()}`;
    const ms = performance.now() - startedAt;
    return { number, visitor: name, bound, ms, fault, ...readServerTiming(res.headers.get('server-timing')) };
  } catch (error) {
    // What fetch throws says only that it failed.
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const fault = `GET ${path}: ${String(cause)}`;
    const ms = performance.now() - startedAt;
    return { number, visitor: name, bound, ms, fault, member: undefined, attempts: 0 };
  }
}

/** `member;desc="app1";dur=20.7, attempts;desc="2"` */
function readServerTiming(text: string | null): Pick<Answer, 'member' | 'attempts'> {
  const member = /\bmember;desc="([^"]*)"/.exec(text ?? '')?.[1];
  const attempts = /\battempts;desc="(\d+)"/.exec(text ?? '')?.[1];
  return { member, attempts: Number(attempts ?? 1) };
}
