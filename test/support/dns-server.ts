import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import packet, { type Answer, type Packet } from 'dns-packet';

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

const codes = { SERVFAIL: 2, NXDOMAIN: 3 } as const;
const mostInDatagram = 1_232;

export async function startDnsServer(): Promise<DnsServer> {
  const replies = new Map<string, DnsReply>();
  const asked: string[] = [];
  const sockets = new Set<Socket>();

  function answer(query: Packet): Buffer | undefined {
    const { type, name } = questionOf(query);
    asked.push(`${type} ${name}`);
    const isKnown = [...replies.keys()].some((key) => key.endsWith(` ${name}`));
    const reply = replies.get(`${type} ${name}`) ?? (isKnown ? { ttl: 0, records: [] } : 'NXDOMAIN');
    if (reply === 'silence') return undefined;
    if (reply === 'garbage') {
      const bytes = Buffer.alloc(42, 0xff);
      bytes.writeUInt16BE(query.id!);
      return bytes;
    }
    if (reply === 'NXDOMAIN' || reply === 'SERVFAIL') return encode(query, [], codes[reply]);
    return encode(query, listRecords(reply, type, name));
  }

  const tcp = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    let bytes = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      while (bytes.length > 2 && bytes.length >= 2 + bytes.readUInt16BE()) {
        const message = answer(packet.streamDecode(bytes));
        bytes = bytes.subarray(2 + bytes.readUInt16BE());
        if (!message) continue;
        const length = Buffer.alloc(2);
        length.writeUInt16BE(message.length);
        socket.write(Buffer.concat([length, message]));
      }
    });
  });
  tcp.listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  const { port } = tcp.address() as { port: number };

  const udp = createSocket('udp4', (bytes, { port: to, address }) => {
    const query = packet.decode(bytes);
    const message = answer(query);
    if (!message) return;
    const isTooLong = message.length > mostInDatagram;
    udp.send(isTooLong ? encode(query, [], packet.TRUNCATED_RESPONSE) : message, to, address);
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

/** The one question of a query. */
function questionOf({ questions = [] }: Packet): Readonly<{ type: RecordType; name: string }> {
  const { type, name } = questions[0]!;
  return { type: type as RecordType, name: name.toLowerCase() };
}

/** `flags`: the response code, or what else its word of flags says. */
function encode({ id, questions }: Packet, answers: Answer[], flags = 0): Buffer {
  const all = packet.RECURSION_DESIRED | packet.RECURSION_AVAILABLE | flags;
  return packet.encode({ type: 'response', id, flags: all, questions, answers });
}

function listRecords(reply: Exclude<DnsReply, string>, type: RecordType, name: string): Answer[] {
  if ('cname' in reply) return [{ type: 'CNAME', name, ttl: 1, data: reply.cname }];
  const { ttl } = reply;
  if ('srv' in reply) return reply.srv.map((data) => ({ type: 'SRV', name, ttl, data }));
  return reply.records.map((data) => ({ type: type as 'A' | 'AAAA', name, ttl, data }));
}
