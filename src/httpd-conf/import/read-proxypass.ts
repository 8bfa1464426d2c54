import { isFault } from '../../definition/problem.ts';
import { translatePcre } from '../translate/pcre.ts';
import type { Argument, Directive } from '../syntax/directive.ts';
import { findBalancer } from './balancers.ts';
import type { Mapping, Reader, Target, Where } from './draft.ts';
import { readBalancerParameters, readWorkerParameters, withMore } from './parameters.ts';
import { readTarget } from './read-target.ts';
import { simplifyPattern } from './simplify-pattern.ts';
import { wildcardToRegExp } from './wildcards.ts';
import { dropRefused } from './worker-parameters.ts';

/** Reads ProxyPass, with a path or in a Location. */
export const readProxyPass: Reader = (item, where) => {
  readRule(item, where, false);
};

/** Reads ProxyPassMatch. */
export const readProxyPassMatch: Reader = (item, where) => {
  readRule(item, where, true);
};

function readRule(item: Directive, where: Where, isMatch: boolean): void {
  const { ledger } = where.work;
  const parts = splitArguments(item, where, isMatch);
  if (parts === undefined) return;
  const at = readAt(parts, where);
  if (at === undefined) return;
  const source = { item, at: parts.target };
  const pattern = typeof at === 'string' ? undefined : at.source;
  const target = readTarget({ ...source, ...(pattern !== undefined && { pattern }) }, where.work);
  if (target === undefined) return;
  const more = readRest(parts.rest, item, target, where);
  const mapping = makeMapping({ host: where.server.host, at, target, source, appendsPath: false }, parts);
  if (typeof mapping.at === 'string' && !mapping.at.startsWith('/')) {
    ledger.drop(item, 'it fits no request: a path begins with /');
    return;
  }
  if (where.work.options.compat === undefined) tellSlashes(mapping, where);
  ledger.take(item, withMore(tellMapping(mapping), more));
  if (where.location === undefined) where.server.mappings.push(mapping);
  else if (where.location.mapping === undefined) where.location.mapping = mapping;
  else {
    ledger.drop(where.location.mapping.source.item, 'a later one in the same section takes its place');
    where.location.mapping = mapping;
  }
}

type Parts = Readonly<{
  path: string;
  pathAt: Argument;
  isPattern: boolean;
  target: Argument;
  rest: readonly Argument[];
}>;

function splitArguments(item: Directive, { location, work }: Where, isMatch: boolean): Parts | undefined {
  const [first, ...others] = item.args;
  const isTilde = location === undefined && !isMatch && first?.text === '~';
  const args = isTilde ? others : item.args;
  if (location !== undefined) {
    const [target, ...rest] = args;
    const second = rest[0]?.text ?? '';
    if (target !== undefined && target.text.startsWith('/') && /^(!$|[a-z]+:)/i.test(second)) {
      work.ledger.fail(target, `in <Location> the path is that of the section`, 'leave the path out');
      return undefined;
    }
    if (target !== undefined)
      return { path: location.path, pathAt: item.head, isPattern: isMatch, target, rest };
  }
  const [path, target, ...rest] = args;
  if (path !== undefined && target !== undefined)
    return { path: path.text, pathAt: path, isPattern: isMatch || isTilde, target, rest };
  const advice =
    location === undefined
      ? `write ${item.name} /path http://host:port/`
      : `write ${item.name} http://host:port/`;
  work.ledger.fail(
    path ?? item.head,
    `${item.name} needs ${location === undefined ? 'a path and ' : ''}a target`,
    advice,
  );
  return undefined;
}

function readAt({ path, pathAt, isPattern }: Parts, { location, work }: Where): string | RegExp | undefined {
  if (location !== undefined && typeof location.at !== 'string') return location.at;
  if (!isPattern) return location === undefined ? path : (wildcardToRegExp(path) ?? path);
  const pattern = translatePcre(path);
  if (!isFault(pattern)) return pattern;
  work.ledger.fail(pathAt, pattern.problem, pattern.advice);
  return undefined;
}

/** Parameters, and words without a value. */
function readRest(rest: readonly Argument[], item: Directive, target: Target, where: Where): string {
  const { ledger } = where.work;
  const parameters: Argument[] = [];
  const words: string[] = [];
  for (const at of rest) {
    const word = at.text.toLowerCase();
    if (word === 'nocanon') words.push('nocanon is so anyway');
    else if (word === 'interpolate' || word === 'noquery') ledger.differ(item, dropRefused(word).dropped!);
    else if (/^mapping=(encoded|servlet)$/.test(word))
      ledger.differ(item, `${word}: paths are compared decoded, and sent on as the client has encoded them`);
    else parameters.push(at);
  }
  const checks = where.server.checks;
  const more = ((): string => {
    switch (target.kind) {
      case 'balancer': {
        const draft = findBalancer(where.server, target.name, { item, at: item.head });
        return readBalancerParameters(parameters, draft, { item, work: where.work });
      }
      case 'server':
        return readWorkerParameters(parameters, target.parameters, { item, work: where.work, checks });
      case 'refused':
      case 'done':
        return '';
      case 'next':
        if (parameters[0]) ledger.differ(item, 'what is not proxied needs no parameters');
        return '';
    }
  })();
  return [more, ...words].filter((each) => each !== '').join(', ');
}

/** Patterns that come to a prefix become one. */
function makeMapping(mapping: Mapping, { path, isPattern }: Parts): Mapping {
  const { at, target } = mapping;
  if (typeof at === 'string' || target.kind === 'next' || target.kind === 'done') return mapping;
  const simple = isPattern ? simplifyPattern(path, target.to) : undefined;
  if (simple) return { ...mapping, at: simple.at, target: { ...target, to: simple.to } };
  // httpd appends the path where nothing is put in.
  return { ...mapping, appendsPath: !/(?<!\\)\$\d/.test(target.to) };
}

function tellMapping({ at, target }: Mapping): string {
  const path = typeof at === 'string' ? at : String(at);
  switch (target.kind) {
    case 'next':
    case 'done':
      return `${path} is not proxied: next()`;
    case 'balancer':
      return `mount ${path}: balancer ${target.name}${target.to === '' ? '' : `, below ${target.to}`}`;
    case 'server':
      return `mount ${path}: balancer of the one member ${target.url}${target.to === '' ? '' : `, below ${target.to}`}`;
    case 'refused':
      return `mount ${path}: 503`;
  }
}

function tellSlashes({ at, target, source }: Mapping, { work }: Where): void {
  if (typeof at !== 'string' || (target.kind !== 'balancer' && target.kind !== 'server')) return;
  const [slashed, isSlashed] = [at.endsWith('/'), target.to.endsWith('/')];
  if (slashed === isSlashed) return;
  const sample = `${at.replace(/\/$/, '')}/x`;
  const right = `${target.to.replace(/\/$/, '')}/x`;
  const there = slashed
    ? target.to === ''
      ? target.kind === 'balancer'
        ? `looks for a balancer ${target.name}x and answers 500`
        : 'asks for a host whose name ends in x'
      : `asks for ${target.to}x`
    : `asks for ${target.to}/x`;
  work.ledger.differ(
    source.item,
    `the slashes at the ends differ: for ${sample} httpd ${there}, here it is ${right}`,
  );
}
