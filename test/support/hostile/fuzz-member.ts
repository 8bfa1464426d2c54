import { readAnswer } from '../../unit/forward/wire/read-answers.ts';
import { ask, type Told } from '../ask.ts';
import { startRawBackend } from '../backend.ts';
import { senders, startFront } from '../front.ts';
import { isIdle, until } from '../idle.ts';
import { createRandom } from '../seeded-random.ts';
import { askNode, type Read } from './ask-node.ts';
import { makeAnswer } from './mutate.ts';

type Input = Readonly<{
  bytes: string;
  method: 'GET' | 'HEAD' | 'POST';
  /** What Node's client makes of it. */
  node: Read | undefined;
  /** The member keeps the connection open behind it. */
  isKept: boolean;
}>;

/** What has become of so many inputs. */
export type Fuzzed = {
  relayed: number;
  refused: number;
  cut: number;
  raced: number;
  /** Everything that is not as it should be, with the bytes that did it. */
  faults: string[];
};

/** How many clients ask at a time. */
const lanes = 16;

/**
 * Asks a member whose answers are mutated, through a whole balancer, and beside each request for one that is all right. What
 * a client gets is held against what Node's own client makes of the same bytes.
 */
export async function fuzzMember(
  [name, sender]: (typeof senders)[number],
  { seed, count }: Readonly<{ seed: number; count: number }>,
): Promise<Fuzzed> {
  const fuzzed: Fuzzed = { relayed: 0, refused: 0, cut: 0, raced: 0, faults: [] };
  const inputs = new Map<string, Input>();
  const executions = new Map<string, number>();
  const member = await startRawBackend((socket, head) => {
    // It has ended the connection already, behind what Node's client refuses.
    if (socket.writableEnded) return;
    const path = head.split(' ')[1]!;
    const input = inputs.get(path);
    if (!input) {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${path.length}\r\n\r\n${path}`);
      return;
    }
    executions.set(path, (executions.get(path) ?? 0) + 1);
    if (input.isKept) socket.write(input.bytes, 'latin1');
    else socket.end(input.bytes, 'latin1');
  });
  const front = await startFront({ ...sender, members: [{ url: member.url, timeout: '20s' }] });

  let next = 0;
  async function work(): Promise<void> {
    while (next < count) {
      const path = `/${next++}`;
      // Of its own, whoever comes first.
      const random = createRandom(seed * 1_000_000 + next);
      const bytes = makeAnswer(random);
      const method = random.oneOf(['GET', 'GET', 'POST', 'HEAD'] as const);
      const node = await askNode(bytes, method);
      const read = readAnswer([bytes], { isHead: method === 'HEAD', closes: false });
      // Only where both know its end by themselves: else nobody would ever hear of one.
      const isKept = node !== undefined && read.left !== undefined;
      const input: Input = { bytes, method, node, isKept };
      inputs.set(path, input);
      // Nothing, where the client's connection was cut right behind the head.
      const told = await ask(front.port, { path, method }).catch(() => undefined);
      inputs.delete(path);
      const count = executions.get(path) ?? 0;
      executions.delete(path);
      // The member has ended a connection just as this one took it: none of these bytes were sent.
      if (count === 0 && told?.status === 502) {
        fuzzed.raced += 1;
        continue;
      }
      const fault = judge(name, input, told, fuzzed) ?? judgeExecutions(input, count);
      if (fault !== undefined) fuzzed.faults.push(`${fault}: ${method} ${JSON.stringify(bytes)}`);
      const clean = await ask(front.port, { path: `/clean${path}` });
      if (clean.text !== `/clean${path}`)
        fuzzed.faults.push(`behind ${JSON.stringify(bytes)}: ${clean.text}`);
    }
  }
  await Promise.all(Array.from({ length: lanes }, work));
  await until(() => isIdle(front));
  return fuzzed;
}

/** Nobody may do it twice whose method does not say so; others once more, where the connection had served before. */
function judgeExecutions({ method }: Input, count: number): string | undefined {
  const most = method === 'POST' ? 1 : 2;
  return count >= 1 && count <= most ? undefined : `executed ${count} times`;
}

function judge(name: string, input: Input, told: Told | undefined, fuzzed: Fuzzed): string | undefined {
  const { node, bytes } = input;
  const mayFail = node === undefined || isKnown(stricter, bytes) || isCutShort(name, input);
  if (!told?.whole) {
    fuzzed.cut += 1;
    return mayFail ? undefined : 'cut';
  }
  const { status, code, body, text } = told;
  if (code !== undefined || (status === 502 && input.method === 'HEAD' && node?.status !== 502)) {
    fuzzed.refused += 1;
    if (code !== undefined && !/^ERR_BALANCER_(?:BAD_ANSWER|RESET)$/.test(code)) return code;
    return mayFail ? undefined : `refused with ${code}`;
  }
  fuzzed.relayed += 1;
  if (node === undefined) return isKnown(looser, bytes) ? undefined : `relayed as ${status} ${text}`;
  if (status !== node.status) return `${status} instead of ${node.status}`;
  const expected = Buffer.from(node.body, 'latin1');
  return body.equals(expected) ? undefined : `${JSON.stringify(text)} instead of ${JSON.stringify(bytes)}`;
}

/** Where Node's client takes what a client here is not to get. */
const stricter: Readonly<Record<string, RegExp>> = {
  // What is left of it would pass for content.
  'another coding than chunked': /^transfer-encoding:(?![ \t]*chunked[ \t]*\r\n)/im,
  'a coding in HTTP/1.0': /HTTP\/1\.0[^]*^transfer-encoding:/im,
  'an empty line in front': /^[\r\n]|\r\n\r\n[\r\n]+HTTP/,
  'a coding twice': /^transfer-encoding:[^]*\r\ntransfer-encoding:/im,
  'a switch that nobody has asked for': /^HTTP\/1\.[01] 101/m,
  'a control character in a reason, which Node does not write':
    /^HTTP\/1\.[01] \d{3} [^\r\n]*[^\t\r\n -~\u0080-\u00ff]/m,
  'a status that is none': /^HTTP\/1\.[01] 0\d\d/m,
};

/** Where Node's client refuses what is passed on here, without harm. */
const looser: Readonly<Record<string, RegExp>> = {
  'an extension of a chunk, which is skipped and not parsed': /\r\n[\da-f]+[ \t]*;/i,
  'an interim answer in HTTP/1.0': /^HTTP\/1\.0 1\d\d/m,
};

/** Node's client has an error for bytes behind a whole answer, which comes before its end is told. */
function isCutShort(name: string, { bytes, method }: Input): boolean {
  const { left = 0 } = readAnswer([bytes], { isHead: method === 'HEAD' });
  return name === 'http-proxy-middleware' && left > 0;
}

function isKnown(differences: Readonly<Record<string, RegExp>>, bytes: string): boolean {
  return Object.values(differences).some((pattern) => pattern.test(bytes));
}
