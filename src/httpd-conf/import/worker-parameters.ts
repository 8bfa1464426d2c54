import { findStatusFault } from '../../definition/check-status.ts';
import type { Fault } from '../../definition/problem.ts';
import { refusedOptions } from '../../definition/refused-options.ts';
import type { Checks, MemberOptions } from './draft.ts';
import { healthParameters } from './health-parameters.ts';
import { readSeconds, readSwitch, readTime, readWhole, toReading, toTime, type Reading } from './values.ts';

/** Reads the value of one parameter. */
export type ReadMemberParameter = (text: string, checks: Checks) => Reading<Partial<MemberOptions>> | Fault;

/** A parameter of a line that is taken without it. */
export function leaveOut(name: string, why: string): string {
  return `${name} is left out: ${why}`;
}

/** httpd's and the reason that this library has for not having it. */
export function dropRefused(name: string): Reading<never> {
  const { problem, advice } = refusedOptions.get(name)!;
  return { dropped: leaveOut(name, `${problem}${advice === 'leave it out' ? '' : `; ${advice}`}`) };
}

const drop =
  (name: string): ReadMemberParameter =>
  () =>
    dropRefused(name);

const label =
  (name: 'route' | 'redirect'): ReadMemberParameter =>
  (text) =>
    Buffer.byteLength(text) > 63 || text === ''
      ? { problem: `a ${name} has 1 to 63 bytes`, advice: 'write a shorter label, such as app1' }
      : { options: { [name]: text } };

const onOrOff =
  (make: (value: boolean) => Partial<MemberOptions>): ReadMemberParameter =>
  (text) =>
    toReading(readSwitch(text), (value) => ({ options: make(value) }));

const bytes =
  (name: string): ReadMemberParameter =>
  (text) =>
    toReading(readWhole(text, 0, 2 ** 31 - 1), (value) =>
      value > 0 && value < 512
        ? { problem: 'it is less than 512 bytes', advice: 'write 512 or more, or 0 for the default' }
        : dropRefused(name),
    );

const count =
  (name: string): ReadMemberParameter =>
  (text) =>
    toReading(readWhole(text, 0, 2 ** 31 - 1), () => dropRefused(name));

/** The parameters of workers and members, by name in lower case. */
export const workerParameters: ReadonlyMap<string, ReadMemberParameter> = new Map<
  string,
  ReadMemberParameter
>([
  ['route', label('route')],
  ['redirect', label('redirect')],
  ['loadfactor', readLoadfactor],
  ['lbset', (text) => toReading(readWhole(text, 0, 99), (lbset) => ({ options: { lbset } }))],
  ['status', readStatus],
  ['retry', (text) => toTime('retry', readSeconds(text, 0))],
  ['timeout', (text) => toTime('timeout', readSeconds(text, 1))],
  ['ttl', (text) => toTime('ttl', readSeconds(text, 1))],
  ['connectiontimeout', (text) => toTime('connectiontimeout', readTime(text, 's'))],
  ['acquire', (text) => toTime('acquire', readTime(text, 'ms'))],
  ['ping', (text) => toReading(readTime(text, 's'), () => dropRefused('ping'))],
  ['max', readMax],
  ['min', count('min')],
  ['smax', count('smax')],
  ['keepalive', onOrOff((keepalive) => ({ keepalive }))],
  ['disablereuse', onOrOff((disablereuse) => ({ disablereuse }))],
  ['enablereuse', onOrOff((reuse) => ({ disablereuse: !reuse }))],
  ['addressttl', drop('addressttl')],
  ['flushpackets', readFlushpackets],
  ['flushwait', (text) => toReading(readWhole(text, 0, 1000), () => dropRefused('flushwait'))],
  ['iobuffersize', bytes('iobuffersize')],
  ['receivebuffersize', bytes('receivebuffersize')],
  ['responsefieldsize', readResponsefieldsize],
  ['upgrade', readUpgrade],
  ['secret', drop('secret')],
  ['flusher', drop('flusher')],
  ...healthParameters,
]);

function readLoadfactor(text: string): ReturnType<ReadMemberParameter> {
  const number = /^\d{1,3}(\.\d{1,9})?$/.test(text) ? Number(text) : NaN;
  if (number >= 1 && number <= 100) return { options: { loadfactor: number } };
  return { problem: 'a load factor is a number from 1 to 100', advice: 'write 1 to 100' };
}

/** httpd's letters that say what it has done with a member itself. */
const internal = /[+-]?[OGUF]/g;

function readStatus(text: string): ReturnType<ReadMemberParameter> {
  const upper = text.toUpperCase();
  // A sign holds for the letters after it.
  const known = upper.includes('-') ? upper : upper.replace(internal, '');
  if (known === '' && upper !== '') return { dropped: leaveOut('status', `${upper} is for httpd's own use`) };
  const fault =
    known === ''
      ? { problem: 'it is empty', advice: 'write letters of I D S H R N E C' }
      : findStatusFault(known);
  if (fault) return fault;
  if (known === upper) return { options: { status: known } };
  return { options: { status: known }, differs: "status: O, G, U and F are for httpd's own use" };
}

function readMax(text: string): ReturnType<ReadMemberParameter> {
  return toReading(readWhole(text, 0, 2 ** 31 - 1), (max) =>
    max === 0 ? { differs: "max: 0 is httpd's default, and here there is no limit" } : { options: { max } },
  );
}

function readFlushpackets(text: string): ReturnType<ReadMemberParameter> {
  if (/^on$/i.test(text)) return {};
  if (/^(off|auto)$/i.test(text)) return dropRefused('flushpackets');
  return { problem: 'it is on, off or auto', advice: 'write on, off or auto' };
}

/** The longest head of an answer that a member may send when nothing is said. */
const usual = 16_384;

function readResponsefieldsize(text: string): ReturnType<ReadMemberParameter> {
  const differs = 'responsefieldsize: httpd minds each line, here it is the whole head of an answer';
  return toReading(readWhole(text, 0, 2 ** 31 - 1), (size) =>
    size <= usual
      ? { differs: `${differs}, which may have ${usual} bytes anyway` }
      : { options: { responsefieldsize: Math.min(size, 1_048_576) }, differs },
  );
}

function readUpgrade(text: string): ReturnType<ReadMemberParameter> {
  const protocols = text.split(/[\s,]+/).filter((each) => each !== '');
  if (protocols.length === 0 || protocols.some((each) => !/^[\w!#$%&'*+.^`|~/-]{1,15}$/.test(each)))
    return { problem: 'it names protocols of up to 15 bytes', advice: 'write websocket, or ANY' };
  const words = protocols.map((each) => (/^any$/i.test(each) ? 'ANY' : /^none$/i.test(each) ? 'NONE' : each));
  return { options: { upgrade: words } };
}
