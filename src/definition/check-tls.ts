import { isIP } from 'node:net';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { types } from 'node:util';
import { isArray } from './describe.ts';
import { isString, judgeBoolean, judgeText } from './judges.ts';
import type { TlsOptions } from './member-definition.ts';
import {
  checkBy,
  checkOptions,
  checkSecretBy,
  isOptions,
  stateSecretProblem,
  type Check,
  type Fault,
  type Judge,
  type Options,
  type Problem,
} from './problem.ts';
import { checkUnknownIn } from './unknown-options.ts';

/** The check of a member's TLS options, each by itself. */
export const checkTls: Check = (value, path) =>
  isOptions(value)
    ? checkOptions(value, path, checks, checkUnknownIn('tls'))
    : checkSecretBy(refuse)(value, path);

function refuse(): Fault {
  return {
    problem: 'it must be a record of options',
    advice: 'write { ca, cert, key, servername, rejectUnauthorized }',
  };
}

/** Whether the TLS options of members, each with those of `memberDefaults`, go together and OpenSSL takes them. */
export function checkTlsTogether(members: readonly unknown[], memberDefaults: unknown): readonly Problem[] {
  const alone = members.some((member) => readTls(member) === undefined);
  return [
    ...(alone ? checkPair(readTls(memberDefaults) ?? {}, 'memberDefaults.tls') : []),
    ...members.flatMap((member, i) => checkMemberTls(member, `members[${i}]`, memberDefaults)),
  ];
}

/** The same for one member that has TLS options of its own. */
export function checkMemberTls(member: unknown, path: string, memberDefaults: unknown): readonly Problem[] {
  const own = readTls(member);
  return own ? checkPair({ ...readTls(memberDefaults), ...own }, `${path}.tls`) : [];
}

function checkPair(tls: Options, path: string): readonly Problem[] {
  const fault = judgeTogether(tls);
  return fault ? [stateSecretProblem(path, tls, fault)] : [];
}

function readTls(member: unknown): Options | undefined {
  const tls = isOptions(member) ? member['tls'] : undefined;
  return isOptions(tls) ? tls : undefined;
}

const checks: Readonly<Record<keyof TlsOptions, Check>> = {
  ca: checkSecretBy(judgeList(judgePem('ca'), 'ca')),
  cert: checkSecretBy(judgeList(judgePem('cert'), 'cert')),
  key: checkSecretBy(judgeList(judgeKey, 'key')),
  pfx: checkSecretBy(judgeList(judgePfx, 'pfx')),
  passphrase: checkSecretBy(judgeText('a text', 'the passphrase of key or pfx')),
  servername: checkBy(judgeServername),
  rejectUnauthorized: checkBy(judgeBoolean),
};

/** One or several. */
function judgeList(judge: Judge, name: string): Judge {
  return (value) => {
    if (!isArray(value)) return judge(value);
    if (value.length === 0)
      return { problem: 'the list is empty', advice: `leave ${name} out, or put something in` };
    return value.map(judge).find((fault) => fault !== undefined);
  };
}

function judgePem(name: string): Judge {
  return (value) => {
    if (isBytes(value)) return undefined;
    const advice = `write ${name}: readFileSync('…')`;
    if (!isString(value)) return { problem: 'it must be a text in PEM, a Buffer, or a list of them', advice };
    // The name of a file is taken for an empty list of certificates by OpenSSL, without a word.
    return value.includes('-----BEGIN')
      ? undefined
      : { problem: 'it is no text in PEM; is it the name of a file?', advice };
  };
}

function judgeKey(value: unknown): Fault | undefined {
  // Node's form for keys with passphrases of their own.
  const pem: unknown = isOptions(value) ? value['pem'] : value;
  return judgePem('key')(pem);
}

function judgePfx(value: unknown): Fault | undefined {
  const bytes: unknown = isOptions(value) ? value['buf'] : value;
  if (isBytes(bytes) || isString(bytes)) return undefined;
  return { problem: 'it must be a Buffer', advice: "write pfx: readFileSync('…')" };
}

function judgeServername(value: unknown): Fault | undefined {
  const fault = judgeText('the name of a host', "a host name, such as 'app.internal'")(value);
  if (fault) return fault;
  // RFC 6066 3: literal addresses are not permitted in a server name.
  if (isIP(String(value)) === 0) return undefined;
  return { problem: 'an address cannot be asked for by TLS', advice: 'write a host name, or leave it out' };
}

function judgeTogether({ ca, cert, key, passphrase, pfx }: Options): Fault | undefined {
  if ([ca, cert, key, passphrase, pfx].every((value) => value === undefined)) return undefined;
  if (cert !== undefined && key === undefined) return { problem: 'cert has no key', advice: 'write key too' };
  if (key !== undefined && cert === undefined)
    return { problem: 'key has no cert', advice: 'write cert too' };
  if (passphrase !== undefined && key === undefined && pfx === undefined) {
    return { problem: 'passphrase opens key or pfx, and there is neither', advice: 'leave it out' };
  }
  try {
    // Checked above, as far as types go; the rest is what this call is for.
    createSecureContext({ ca, cert, key, passphrase, pfx } as SecureContextOptions);
    return undefined;
  } catch (error) {
    const reason = typeof error === 'object' && error !== null && 'message' in error ? error.message : error;
    return {
      problem: `OpenSSL refuses it: ${String(reason)}`,
      advice: 'check ca, cert, key, pfx and passphrase',
    };
  }
}

function isBytes(value: unknown): boolean {
  return types.isArrayBufferView(value);
}
