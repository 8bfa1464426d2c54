import { channel } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { MemberSettings } from '../../definition/settings.ts';
import type { RawHeaders } from '../../rewrite/headers.ts';
import type { Answer } from '../outcome.ts';
import type { Outbound } from '../sender.ts';

/** One attempt, told to who listens. */
export type Told = Readonly<{
  sending(head: string, socket: Socket): void;
  answered(answer: Answer): void;
  ended(trailers: RawHeaders): void;
  failed(error: Error): void;
}>;

// The names that tracing and metrics know HTTP clients by: what is instrumented for undici is so here, without a hook of ours.
const created = channel('undici:request:create');
const sent = channel('undici:client:sendHeaders');
const headed = channel('undici:request:headers');
const finished = channel('undici:request:trailers');
const broken = channel('undici:request:error');

/** A request as undici shows it: what listens may add fields, or take them out. */
type Shown = {
  readonly origin: string;
  readonly method: string;
  readonly path: string;
  readonly headers: string[];
  readonly completed: boolean;
  addHeader(name: string, value: string): unknown;
};

/** Tells that an attempt begins; undefined when nobody listens. What listens decides over the fields that are sent. */
export function tellUndiciChannels(
  outbound: Outbound,
  { origin }: MemberSettings,
): Readonly<{ told: Told; headers: RawHeaders }> | undefined {
  if (!created.hasSubscribers) return undefined;
  const { method, path } = outbound;
  const headers = [...outbound.headers];
  const request: Shown = {
    origin,
    method,
    path,
    headers,
    completed: false,
    addHeader(name, value) {
      headers.push(name, value);
      return this;
    },
  };
  created.publish({ request });
  const told: Told = {
    sending(head, socket) {
      sent.publish({ request, headers: head, socket });
    },
    answered({ status, reason, headers: fields }) {
      const response = {
        statusCode: status,
        statusText: reason,
        headers: fields.map((text) => Buffer.from(text, 'latin1')),
      };
      headed.publish({ request, response });
    },
    ended(trailers) {
      finished.publish({ request, trailers: trailers.map((text) => Buffer.from(text, 'latin1')) });
    },
    failed(error) {
      broken.publish({ request, error });
    },
  };
  return { told, headers };
}
