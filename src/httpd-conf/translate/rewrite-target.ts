import { isFault, type Fault } from '../../definition/problem.ts';
import type { Condition } from '../httpd-conf.ts';
import { parseTemplate, printTemplate, type TemplatePiece } from '../mount/substitute-template.ts';
import type { RuleFlags } from './rewrite-flags.ts';
import { findUnknown, replaceVariables } from './rewrite-variables.ts';

/** Where a rule with P leads. */
export type ProxyTarget = Readonly<{
  /** `balancer://name/x$1`: `origin` and `to` together. */
  target: string;
  /** `balancer://name`, `http://host:8080`. */
  origin: string;
  /** What stands behind it. */
  to: string;
  query: 'keep' | 'append' | 'drop';
  /** To be asked after the rule's own. */
  conditions: readonly Condition[];
}>;

/** Reads the target of a rule with P. `pattern`: the rule's, as it is written. */
export function readTarget(output: string, pattern: string, flags: RuleFlags): ProxyTarget | Fault {
  const { text, query } = readQueryMode(output, flags);
  const pieces = parseTemplate(text);
  const fault = findUnknown(pieces) ?? findFault(pieces, text, pattern, flags);
  if (fault) return fault;
  const replaced = replaceVariables(pieces);
  if (isFault(replaced)) return replaced;
  const target = printTemplate(replaced.pieces);
  const origin = /^\w+:\/\/[^/?$%\\]*/.exec(target)![0];
  return {
    target,
    origin,
    to: target.slice(origin.length),
    query,
    conditions: replaced.conditions,
  };
}

/** A `?` at the end by itself takes the query away, and QSA keeps it nevertheless. */
function readQueryMode(
  output: string,
  { append, discard }: RuleFlags,
): Readonly<{ text: string; query: ProxyTarget['query'] }> {
  const isBare = output.endsWith('?');
  const text = isBare ? output.slice(0, -1) : output;
  if (append) return { text, query: discard ? 'drop' : 'append' };
  return { text, query: discard || isBare ? 'drop' : 'keep' };
}

function findFault(
  pieces: readonly TemplatePiece[],
  text: string,
  pattern: string,
  { lastMark }: RuleFlags,
): Fault | undefined {
  const [first, second] = pieces;
  const start = first?.kind === 'text' ? first.text : '';
  const scheme = /^([a-z][\w+.-]*):/i.exec(start)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    const problem = start.startsWith('/')
      ? 'it leads to this very server'
      : 'the scheme or the host would be chosen by the client';
    return { problem, advice: 'write balancer://name/ or http://host/ before it' };
  }
  if (!/^(?:balancer|https?|wss?)$/.test(scheme)) {
    return {
      problem: `${scheme}: is not spoken here`,
      advice: 'write a balancer://, http:// or https:// URL',
    };
  }
  const [, host = '', end = ''] = /^\w+:\/\/([^/?]*)(.?)/s.exec(start) ?? [];
  if (!/^[\w.\-[\]:]+$/.test(host)) {
    return { problem: 'there is no host in it', advice: 'write balancer://name/ or http://host/' };
  }
  if (end === '' && second !== undefined && !mayFollowHost(second, pattern)) {
    return {
      problem: 'the host could be changed by the client',
      advice: `write a slash between ${host} and ${printTemplate([second])}`,
    };
  }
  if (lastMark && text.split('?').length > 2) {
    return { problem: 'QSL with more than one ? is not known here', advice: 'write one ?' };
  }
  return findDots(pieces);
}

/** Whether a piece certainly begins with a slash. */
function mayFollowHost(piece: TemplatePiece, pattern: string): boolean {
  if (piece.kind === 'variable')
    return /^(?:REQUEST_URI|REQUEST_FILENAME|SCRIPT_FILENAME)$/i.test(piece.name);
  return piece.kind === 'rule' && beginsWithSlash(pattern, piece.group);
}

/** Whether a group of a pattern, if it takes part, begins with a slash. Where that is not plain to see, it does not. */
export function beginsWithSlash(pattern: string, group: number): boolean {
  if (pattern.startsWith('!')) return false;
  if (group === 0) return /^\^\\?\/(?![?*{])/.test(pattern) && !hasAlternatives(pattern);
  // Every path begins with a slash.
  if (group === 1 && /^\^?\(\.[*+]\)/.test(pattern) && !hasAlternatives(pattern)) return true;
  let count = 0;
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern[at];
    if (character === '\\') at += 1;
    // What is in a class may look like a group: better not to look further.
    else if (character === '[') at = skipClass(pattern, at);
    else if (character === '(' && pattern[at + 1] !== '?' && pattern[at + 1] !== '*') {
      count += 1;
      // `/?` need not be one.
      if (count === group) return /^\\?\/(?![?*{])[^()|]*\)/.test(pattern.slice(at + 1));
    }
  }
  return false;
}

function hasAlternatives(pattern: string): boolean {
  return pattern.includes('|');
}

function skipClass(pattern: string, from: number): number {
  const end = /^\[\^?\]?(?:\\.|[^\]\\])*\]/s.exec(pattern.slice(from))?.[0].length;
  return end === undefined ? pattern.length : from + end - 1;
}

function findDots(pieces: readonly TemplatePiece[]): Fault | undefined {
  const path = pieces
    .map((piece) => (piece.kind === 'text' ? piece.text : 'x'))
    .join('')
    .replace(/\?.*$/s, '');
  if (!/\/(?:\.|%2e){1,2}(?:\/|$)/i.test(path)) return undefined;
  return { problem: 'there are dot segments in it', advice: 'write the path that is meant' };
}
