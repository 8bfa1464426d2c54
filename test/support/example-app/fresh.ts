import { Agent, request } from 'node:http';

/** An answer, and what it was. */
export type Asked = Readonly<{
  status: number;
  text: string;
  servedBy: string;
  setCookie: readonly string[];
}>;

export type Question = Readonly<{
  method?: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
  agent?: Agent;
}>;

/** Who waits so long for an answer has none. */
const patienceMs = 20_000;

/** Asks on a connection of its own, unless an agent is given: in a cluster, that of any worker. */
export function ask(
  url: string,
  { method = 'GET', headers = {}, body, agent }: Question = {},
): Promise<Asked> {
  const { promise, resolve, reject } = Promise.withResolvers<Asked>();
  const req = request(url, { method, headers, agent: agent ?? false, timeout: patienceMs }, (res) => {
    let text = '';
    res.setEncoding('utf8');
    res.on('data', (chunk: string) => {
      text += chunk;
    });
    res.on('error', reject);
    res.on('end', () => {
      const servedBy = String(res.headers['x-served-by'] ?? '');
      resolve({ status: res.statusCode ?? 0, text, servedBy, setCookie: res.headers['set-cookie'] ?? [] });
    });
  });
  req.on('timeout', () => req.destroy(new Error(`no answer in ${patienceMs / 1000} s`)));
  req.on('error', reject);
  req.end(body);
  return promise;
}

/** Asks one worker what is to be asked, whichever it is; tells which, and what came of it. */
export async function askOneWorker<Found>(
  url: string,
  questions: (ask: (path: string, question?: Question) => Promise<Asked>) => Promise<Found>,
): Promise<readonly [pid: string, found: Found]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    const askHere = (path: string, question: Question = {}): Promise<Asked> =>
      ask(url + path, { ...question, agent });
    const { text: pid } = await askHere('/whoami');
    const found = await questions(askHere);
    const { text: after } = await askHere('/whoami');
    // The connection was closed meanwhile, and another one is another worker's.
    return pid === after ? [pid.trim(), found] : await askOneWorker(url, questions);
  } finally {
    agent.destroy();
  }
}

/** GETs on connections of their own, a few at a time, until stopped; what went wrong, by what was going on then. */
export function startFreshLoad(url: string, isGood: (asked: Asked) => boolean) {
  const faults: { phase: string; fault: string }[] = [];
  const watchers = new Set<() => void>();
  const underWay = new Set<{ phase: string }>();
  let phase = '';
  let answered = 0;
  let isStopped = false;

  async function askOnAndOn(): Promise<void> {
    while (!isStopped) {
      const seat = { phase };
      underWay.add(seat);
      try {
        const asked = await ask(url);
        if (!isGood(asked))
          faults.push({ phase: seat.phase, fault: `${asked.status} ${asked.servedBy} ${asked.text}` });
      } catch (error) {
        faults.push({ phase: seat.phase, fault: `no answer: ${String(error)}` });
      }
      underWay.delete(seat);
      if (seat.phase !== phase) continue;
      answered += 1;
      for (const watch of watchers) watch();
    }
  }

  const askers = Array.from({ length: 6 }, askOnAndOn);

  return {
    /** What is going on from now on; `isForAll`: for what has begun already, too. */
    begin(next: string, isForAll = false): void {
      phase = next;
      answered = 0;
      if (isForAll) for (const seat of underWay) seat.phase = next;
    },
    /** Resolves when so many of what has begun since then are over. */
    after(count: number): Promise<void> {
      return new Promise((resolve) => {
        const watch = (): void => {
          if (answered < count) return;
          watchers.delete(watch);
          resolve();
        };
        watchers.add(watch);
      });
    },
    faultsOf: (one: string): readonly string[] =>
      faults.filter((each) => each.phase === one).map(({ fault }) => fault),
    async stop(): Promise<void> {
      isStopped = true;
      await Promise.all(askers);
    },
  };
}
