import { isFault, type Fault } from '../../definition/problem.ts';
import type { RouteCookie } from '../../definition/definition.ts';
import type { Condition } from '../httpd-conf.ts';
import { parseTemplate, printTemplate, type TemplatePiece } from '../mount/substitute-template.ts';
import { findUnknown, replaceVariables } from './rewrite-variables.ts';

/** What CO sets. */
export type RewriteCookie =
  | Readonly<{
      kind: 'cookie';
      name: string;
      /** The Set-Cookie value; groups are still in it. */
      cookie: string;
      conditions: readonly Condition[];
      /** What stands behind the first dot of a value without groups: a route, if it is a cookie of a balancer. */
      route: string | undefined;
    }>
  | Readonly<{ kind: 'route-cookie'; name: string; routeCookie: RouteCookie }>;

type Field = readonly TemplatePiece[];

/** Reads `NAME:VALUE:domain:lifetime:path:secure:httponly:samesite`, or the same with `;` before and between. */
export function readCookie(text: string): RewriteCookie | Fault {
  const isOther = text.startsWith(';');
  const fields = splitFields(parseTemplate(isOther ? text.slice(1) : text), isOther ? ';' : ':');
  const [nameField, value, domain, ...rest] = fields;
  const name = nameField && readText(nameField);
  if (name === undefined || value === undefined || domain === undefined) {
    return {
      problem: 'httpd sets a cookie only with name, value and domain',
      advice: 'write CO=NAME:value:example.com',
    };
  }
  if (!/^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/.test(name)) {
    return { problem: `${JSON.stringify(name)} is no name of a cookie`, advice: 'write one such as ROUTEID' };
  }
  const [lifetime, path, ...flags] = rest;
  const words = flags.map(readText);
  const minutes = lifetime && readText(lifetime);
  if ((lifetime && minutes === undefined) || words.includes(undefined)) {
    return {
      problem: 'its lifetime and its flags must not depend on the request',
      advice: 'write them as they are',
    };
  }
  const attributes: Attributes = {
    domain,
    path: path ?? [{ kind: 'text', text: '/' }],
    seconds: 60 * Number(/^\s*[+-]?\d{1,9}/.exec(minutes ?? '')?.[0] ?? 0),
    secure: /^(?:true|1|secure)$/i.test(words[0] ?? ''),
    httpOnly: /^(?:true|1|httponly)$/i.test(words[1] ?? ''),
    sameSite: /^(?:0|false)?$/i.test(words[2] ?? '') ? undefined : words[2],
  };
  return value.some(isRouteVariable)
    ? { kind: 'route-cookie', name, routeCookie: toRouteCookie(name, attributes) }
    : printCookie(name, value, attributes);
}

type Attributes = Readonly<{
  domain: Field;
  path: Field;
  /** 0: until the browser closes. */
  seconds: number;
  secure: boolean;
  httpOnly: boolean;
  sameSite: string | undefined;
}>;

/** `%{ENV:BALANCER_WORKER_ROUTE}`: not known yet when httpd rewrites; it can only be meant as a route cookie. */
function isRouteVariable(piece: TemplatePiece): boolean {
  return piece.kind === 'variable' && /^ENV:BALANCER_(?:WORKER_ROUTE|SESSION_ROUTE)$/i.test(piece.name);
}

/** As strtok does: empty fields do not count. */
function splitFields(pieces: Field, separator: string): readonly Field[] {
  const fields: TemplatePiece[][] = [[]];
  for (const piece of pieces) {
    if (piece.kind !== 'text') {
      fields.at(-1)!.push(piece);
      continue;
    }
    for (const [i, text] of piece.text.split(separator).entries()) {
      if (i > 0) fields.push([]);
      if (text !== '') fields.at(-1)!.push({ kind: 'text', text });
    }
  }
  return fields.filter((field) => field.length > 0);
}

function readText(field: Field): string | undefined {
  const [only, ...others] = field;
  return only?.kind === 'text' && others.length === 0 ? only.text : undefined;
}

function printCookie(name: string, value: Field, attributes: Attributes): RewriteCookie | Fault {
  const { domain, path, seconds, secure, httpOnly, sameSite } = attributes;
  const say = (text: string): Field => [{ kind: 'text', text }];
  const pieces = [
    ...say(`${name}=`),
    ...value,
    ...say('; path='),
    ...path,
    ...say('; domain='),
    ...domain,
    // In the past it takes the cookie away.
    ...(seconds === 0 ? [] : say(`; Max-Age=${Math.max(0, seconds)}`)),
    ...(secure ? say('; secure') : []),
    ...(httpOnly ? say('; HttpOnly') : []),
    ...(sameSite === undefined ? [] : say(`; SameSite=${sameSite}`)),
  ];
  const fault = findUnknown(pieces) ?? findControl(pieces);
  if (fault) return fault;
  const replaced = replaceVariables(pieces);
  if (isFault(replaced)) return replaced;
  const text = readText(value);
  return {
    kind: 'cookie',
    name,
    cookie: printTemplate(replaced.pieces),
    conditions: replaced.conditions,
    route: text === undefined ? undefined : /\.(.+)$/s.exec(text)?.[1],
  };
}

function findControl(pieces: Field): Fault | undefined {
  // eslint-disable-next-line no-control-regex -- control characters are what it is about.
  const isUnfit = pieces.some((piece) => piece.kind === 'text' && /[\u0000-\u001f\u007f]/.test(piece.text));
  return isUnfit ? { problem: 'it has a control character in it', advice: 'leave it out' } : undefined;
}

function toRouteCookie(name: string, attributes: Attributes): RouteCookie {
  const path = readText(attributes.path);
  const domain = readText(attributes.domain);
  const sameSite = attributes.sameSite?.toLowerCase();
  return {
    name,
    ...(path === undefined ? {} : { path }),
    ...(domain === undefined ? {} : { domain }),
    ...(attributes.seconds > 0 ? { maxAge: attributes.seconds * 1000 } : {}),
    ...(attributes.secure ? { secure: true } : {}),
    ...(sameSite === 'lax' || sameSite === 'strict' || sameSite === 'none' ? { sameSite } : {}),
  };
}
