import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

type RecordType = 'A' | 'AAAA' | 'SRV';

export type SrvRecord = Readonly<{ priority: number; weight: number; port: number; target: string }>;

/** What a question is answered with. `silence` is no answer; `garbage` is none that can be read. */
export type DnsReply =
  | Readonly<{ ttl: number; records: readonly string[] }>
  | Readonly<{ ttl: number; srv: readonly SrvRecord[] }>
  | Readonly<{ cname: string }>
  | 'NXDOMAIN'
  | 'SERVFAIL'
  | 'silence'
  | 'garbage';

/** A DNS server over UDP, and over TCP for what a datagram does not hold. */
export type DnsServer = Readonly<{
  /** `127.0.0.1:port`. */
  address: string;
  /** What was asked, in order: `A app.internal`. */
  asked: string[];
  /** A name that was never set does not exist; one that was has no records of other types. */
  set(type: RecordType, name: string, reply: DnsReply): void;
  stop(): Promise<void>;
}>;

const types: Readonly<Record<number, RecordType>> = { 1: 'A', 28: 'AAAA', 33: 'SRV' };
const numbers: Readonly<Record<RecordType, number>> = { A: 1, AAAA: 28, SRV: 33 };
const cnameType = 5;
const nxdomain = 3;
const servfail = 2;
const truncated = 0x0200;
const mostInDatagram = 1_232;

export async function startDnsServer(): Promise<DnsServer> {
  const replies = new Map<string, DnsReply>();
  const asked: string[] = [];
  const sockets = new Set<Socket>();

  function answer(query: Buffer): Buffer | undefined {
    const { name, type, question } = readQuestion(query);
    asked.push(`${type} ${name}`);
    const isKnown = [...replies.keys()].some((key) => key.endsWith(` ${name}`));
    const reply = replies.get(`${type} ${name}`) ?? (isKnown ? { ttl: 0, records: [] } : 'NXDOMAIN');
    if (reply === 'silence') return undefined;
    if (reply === 'garbage') return Buffer.concat([query.subarray(0, 2), Buffer.alloc(40, 0xff)]);
    const code = reply === 'NXDOMAIN' ? nxdomain : reply === 'SERVFAIL' ? servfail : 0;
    const records = typeof reply === 'string' ? [] : printRecords(reply, type);
    return Buffer.concat([printHead(query, code, records.length), question, ...records]);
  }

  const tcp = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    let bytes = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      while (bytes.length > 2 && bytes.length >= 2 + bytes.readUInt16BE()) {
        const message = answer(bytes.subarray(2, 2 + bytes.readUInt16BE()));
        bytes = bytes.subarray(2 + bytes.readUInt16BE());
        if (message)
          socket.write(Buffer.concat([Buffer.from([message.length >> 8, message.length]), message]));
      }
    });
  });
  tcp.listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  const { port } = tcp.address() as { port: number };

  const udp = createSocket('udp4', (query, { port: to, address }) => {
    const message = answer(query);
    if (!message) return;
    const isTooLong = message.length > mostInDatagram;
    const { question } = readQuestion(query);
    udp.send(isTooLong ? Buffer.concat([printHead(query, truncated, 0), question]) : message, to, address);
  });
  udp.bind(port, '127.0.0.1');
  await once(udp, 'listening');

  return {
    address: `127.0.0.1:${port}`,
    asked,
    set: (type, name, reply) => replies.set(`${type} ${name}`, reply),
    async stop() {
      for (const socket of sockets) socket.destroy();
      udp.close();
      tcp.close();
      await Promise.all([once(udp, 'close'), once(tcp, 'close')]);
    },
  };
}

/** The one question of a query; what follows it (EDNS) is not looked at. */
function readQuestion(query: Buffer): Readonly<{ name: string; type: RecordType; question: Buffer }> {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at]!; length > 0; length = query[at]!) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const type = types[query.readUInt16BE(at + 1)]!;
  return { name: labels.join('.').toLowerCase(), type, question: query.subarray(12, at + 5) };
}

function printHead(query: Buffer, flags: number, answers: number): Buffer {
  // A response, recursion desired and available.
  return Buffer.concat([query.subarray(0, 2), print16(0x8180 | flags, 1, answers, 0, 0)]);
}

function printRecords(reply: Exclude<DnsReply, string>, type: RecordType): readonly Buffer[] {
  if ('cname' in reply) return [printRecord(cnameType, 1, printName(reply.cname))];
  const values =
    'srv' in reply
      ? reply.srv.map(({ priority, weight, port, target }) =>
          Buffer.concat([print16(priority, weight, port), printName(target)]),
        )
      : reply.records.map((address) => (type === 'A' ? printIPv4(address) : printIPv6(address)));
  return values.map((value) => printRecord(numbers[type], reply.ttl, value));
}

/** A record of the name that was asked for, which stands at the end of the head. */
function printRecord(type: number, ttl: number, value: Buffer): Buffer {
  return Buffer.concat([print16(0xc00c, type, 1, ttl >> 16, ttl & 0xffff, value.length), value]);
}

function printName(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  return Buffer.concat([
    ...labels.map((label) => Buffer.from([label.length, ...Buffer.from(label)])),
    Buffer.from([0]),
  ]);
}

function printIPv4(address: string): Buffer {
  return Buffer.from(address.split('.').map(Number));
}

function printIPv6(address: string): Buffer {
  const [before = '', after = ''] = address.split('::');
  const read = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const head = read(before);
  const tail = read(after);
  return print16(...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail);
}

function print16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, i) => bytes.writeUInt16BE(value, i * 2));
  return bytes;
}
