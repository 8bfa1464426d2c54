import type { Duplex } from 'node:stream';
import type { MemberSettings } from '../../src/definition/settings.ts';
import type { Answer, Failure } from '../../src/forward/outcome.ts';
import type { Flow, Outbound, Receiver, Sender } from '../../src/forward/sender.ts';
import { parseMemberUrl } from '../../src/definition/member-url.ts';
import { isFault } from '../../src/definition/problem.ts';
import type { RawHeaders } from '../../src/rewrite/headers.ts';
import { buildMember } from './build-members.ts';

/** An attempt, and everything that its receiver was told. */
export type Recording = {
  /** Names of the calls, in order, several `data` in a row as one. */
  readonly calls: string[];
  readonly interims: Answer[];
  answer: Answer | undefined;
  body: string;
  trailers: RawHeaders | undefined;
  failure: Failure | undefined;
  socket: Duplex | undefined;
  readonly flow: Flow;
  /** The last call has come. */
  readonly over: Promise<void>;
  /** The first call has come. */
  readonly begun: Promise<void>;
};

/** What a test wants to do as soon as the receiver is called. */
export type OnCall = (name: keyof Receiver, flow: Flow) => void;

/** Sends, and records; fails when the receiver is called before `send` has returned. */
export function record(
  sender: Sender,
  outbound: Outbound,
  member: MemberSettings,
  { fresh = false, onCall = () => undefined }: Readonly<{ fresh?: boolean; onCall?: OnCall }> = {},
): Recording {
  const over = Promise.withResolvers<undefined>();
  const begun = Promise.withResolvers<undefined>();
  const calls: string[] = [];
  const told = {
    calls,
    interims: [] as Answer[],
    answer: undefined as Answer | undefined,
    body: '',
    trailers: undefined as RawHeaders | undefined,
    failure: undefined as Failure | undefined,
    socket: undefined as Duplex | undefined,
    over: over.promise,
    begun: begun.promise,
  };
  const sent: { flow?: Flow } = {};
  const note = (name: keyof Receiver): void => {
    const { flow } = sent;
    if (!flow) throw new Error(`${name} before send has returned`);
    if (name !== 'data' || calls.at(-1) !== 'data') calls.push(name);
    begun.resolve(undefined);
    if (['ended', 'failed', 'upgraded'].includes(name)) over.resolve(undefined);
    onCall(name, flow);
  };
  sent.flow = sender.send(
    outbound,
    member,
    {
      interim(answer) {
        told.interims.push(answer);
        note('interim');
      },
      answered(answer) {
        told.answer = answer;
        note('answered');
      },
      data(chunk) {
        told.body += chunk.toString('latin1');
        note('data');
      },
      ended(trailers) {
        told.trailers = trailers;
        note('ended');
      },
      upgraded(answer, socket) {
        told.answer = answer;
        told.socket = socket;
        note('upgraded');
      },
      failed(failure) {
        told.failure = failure;
        note('failed');
      },
    },
    fresh,
  );
  return Object.assign(told, { flow: sent.flow });
}

/** Settings of the member at a URL. */
export function memberAt(url: string, overrides: Partial<MemberSettings> = {}): MemberSettings {
  const address = parseMemberUrl(url);
  if (isFault(address)) throw new Error(address.problem);
  return buildMember({ ...address, name: url, ...overrides });
}

/** A request without a body. */
export function outboundTo(member: MemberSettings, overrides: Partial<Outbound> = {}): Outbound {
  return {
    method: 'GET',
    path: `${member.basePath}/`,
    headers: ['Host', member.host],
    upgrade: undefined,
    body: { kind: 'none', counted: false },
    ...overrides,
  };
}
