import { request, type Agent } from 'node:http';

/** Where a worker serves. */
export type At = Readonly<{ port: number } | { socketPath: string }>;

export type Asked = Readonly<{
  method?: string;
  path?: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
  agent?: Agent;
}>;

/** Asks a worker, wherever it is, and waits for the whole answer; rejects where there is none. */
export async function ask(
  at: At,
  { method = 'GET', path = '/', headers = {}, body, agent }: Asked = {},
): Promise<Readonly<{ status: number; text: string }>> {
  const { promise, resolve, reject } = Promise.withResolvers<Readonly<{ status: number; text: string }>>();
  const req = request({ host: '127.0.0.1', ...at, method, path, headers, agent: agent ?? false });
  req.on('error', reject);
  req.on('response', (res) => {
    let text = '';
    res.setEncoding('utf8');
    res.on('data', (chunk: string) => (text += chunk));
    res.on('error', reject);
    res.on('end', () => {
      resolve({ status: res.statusCode!, text });
    });
  });
  req.end(body);
  return promise;
}
