import type { OutgoingHttpHeaders } from 'node:http';
import type { Duration } from '../definition/definition.ts';
import { describe } from '../definition/describe.ts';
import { compileRequestPattern, type MemberRequest, type RequestPattern } from './member-request.ts';
import { readCount, readDuration } from './read-options.ts';

/** Which requests meet a fault. */
export type FaultOptions = Readonly<{
  /** How many requests meet it; then the member is well again. Default: all, until `recover()`. */
  times?: number;
  /** `'/health'`, `'POST /orders'`, or a function; all others are answered as if the member were well. Default: all. */
  only?: RequestPattern;
}>;

/** How a member fails with a status. */
export type FailOptions = FaultOptions &
  Readonly<{
    /** Fields of the answer besides `X-Member`. Default: none. */
    headers?: OutgoingHttpHeaders;
    /** Its body. Default: a sentence that names member and status. */
    body?: string;
  }>;

/** Where a member cuts off its answer. */
export type CutOffOptions = FaultOptions &
  Readonly<{
    /** Within the head, or within the body. Default: before anything of it; with `afterBytes`, within the body. */
    in?: 'head' | 'body';
    /** How much of the body comes first. The head announces one byte more. Default: 4. */
    afterBytes?: number;
  }>;

/** What a member does instead of answering as it should. */
export type Fault = Readonly<
  { isMeant: (request: MemberRequest) => boolean; left: number } & (
    | { kind: 'hang' }
    | { kind: 'reset' }
    | { kind: 'slow'; ms: number }
    | { kind: 'fail'; status: number; headers: OutgoingHttpHeaders; body: string | undefined }
    | { kind: 'cut'; in: 'nothing' | 'head' | 'body'; afterBytes: number }
  )
>;

type Meant = Pick<Fault, 'isMeant' | 'left'>;

function readMeant({ times, only }: FaultOptions, what: string): Meant {
  return {
    isMeant: compileRequestPattern(only, `${what}: only`),
    left: times === undefined ? Infinity : readCount(times, `${what}: times`),
  };
}

export function readHang(options: FaultOptions, what: string): Fault {
  return { kind: 'hang', ...readMeant(options, what) };
}

export function readReset(options: FaultOptions, what: string): Fault {
  return { kind: 'reset', ...readMeant(options, what) };
}

export function readSlow(by: Duration, options: FaultOptions, what: string): Fault {
  return { kind: 'slow', ms: readDuration(by, what), ...readMeant(options, what) };
}

export function readFail(status: number, options: FailOptions, what: string): Fault {
  // An interim status would be no answer.
  if (!Number.isSafeInteger(status) || status < 200 || status > 999)
    throw new TypeError(`${what}: ${describe(status)}: write a status, such as 503`);
  const { headers = {}, body } = options;
  return { kind: 'fail', status, headers, body, ...readMeant(options, what) };
}

export function readCut(options: CutOffOptions, what: string): Fault {
  const { afterBytes } = options;
  const place = options.in ?? (afterBytes === undefined ? 'nothing' : 'body');
  if (!['nothing', 'head', 'body'].includes(place))
    throw new TypeError(`${what}: in: ${describe(place)}: write 'head' or 'body'`);
  const meant = readMeant(options, what);
  if (place !== 'body') {
    if (afterBytes !== undefined)
      throw new TypeError(`${what}: afterBytes counts bytes of the body; leave out in: 'head'`);
    return { kind: 'cut', in: place, afterBytes: 0, ...meant };
  }
  return {
    kind: 'cut',
    in: 'body',
    afterBytes: readCount(afterBytes ?? 4, `${what}: afterBytes`, 0),
    ...meant,
  };
}
